/** How a connection stands, worst first. */
export const connectionStates = [
  'fails',
  'consent_missing',
  'never_proved',
  'ends_soon',
  'works',
  'not_set_up',
] as const;
export type ConnectionState = (typeof connectionStates)[number];

/** Something of the connection with a known end. */
export interface KnownEnd {
  readonly kind: 'client_secret' | 'certificate' | 'token' | 'server_certificate' | 'alternate_certificate';
  readonly endsAt: string;
  /** Whole days; less than 0 past the end. */
  readonly daysLeft: number;
}

/** From here on an end is trouble of today (PRODUCT 2.19 announces from 60 days on). */
const endsSoonDays = 30;
/** Authorities renew a server's certificate by themselves, most of them 30 days ahead. */
const serverEndsSoonDays = 7;

export interface HealthFacts {
  readonly isSetUp: boolean;
  readonly isConsentMissing: boolean;
  /** Null: not proved by the settings that stand now. */
  readonly ok: boolean | null;
  readonly ends: readonly KnownEnd[];
}

/** One state for each connection: what a person must know first. */
export function decideConnectionState({ isSetUp, isConsentMissing, ok, ends }: HealthFacts): ConnectionState {
  if (!isSetUp) return 'not_set_up';
  if (isConsentMissing) return 'consent_missing';
  if (ok === false) return 'fails';
  if (ends.some(isSoon)) return 'ends_soon';
  return ok === null ? 'never_proved' : 'works';
}

export function isSoon({ kind, daysLeft }: KnownEnd): boolean {
  const isServers = kind === 'server_certificate' || kind === 'alternate_certificate';
  return daysLeft <= (isServers ? serverEndsSoonDays : endsSoonDays);
}
