import type { SendingMode } from '#lib/settings/schemas.ts';

/** Addresses of this domain never leave; each produces the outcome that its local part names (PRODUCT 2.16). */
export const magicDomain = 'magic.mailroom.test';
const magicSuffix = `@${magicDomain}`;
export const originalRecipientsHeader = 'X-Mailroom-Original-Recipients';

const magicOutcomes = ['delivered', 'temporary', 'permanent', 'slow', 'uncertain'] as const;
export type MagicOutcome = (typeof magicOutcomes)[number];

const strictness: Readonly<Record<SendingMode['kind'], number>> = {
  live: 0,
  allow_list: 1,
  redirect: 2,
  capture: 3,
};

/** The mode that holds for a mail: the stricter of its project's and its key's, and what both lists allow. */
export function strictestMode(project: SendingMode, key: SendingMode | null): SendingMode {
  if (key === null) return project;
  if (project.kind === 'allow_list' && key.kind === 'allow_list') {
    return { kind: 'allow_list', entries: commonEntries(project.entries, key.entries) };
  }
  return strictness[key.kind] > strictness[project.kind] ? key : project;
}

export interface EnvelopeRecipient {
  readonly position: number;
  readonly address: string;
}

export interface Departure {
  readonly mode: SendingMode['kind'];
  /** Envelope addresses with the recipients that each stands for; without repetition. */
  readonly leaving: readonly { readonly address: string; readonly positions: readonly number[] }[];
  /** Positions of the recipients that stay readable in the portal. */
  readonly captured: readonly number[];
  readonly magic: readonly (EnvelopeRecipient & { readonly outcome: MagicOutcome })[];
  /** For the original-recipients header of a redirected mail; null otherwise. */
  readonly originalRecipients: readonly string[] | null;
}

/**
 * Who of a mail's pending recipients is handed to the server. A released mail leaves whatever the mode says, for a
 * person has decided so; magic addresses never do.
 */
export function decideDeparture(
  mode: SendingMode,
  recipients: readonly EnvelopeRecipient[],
  isReleased: boolean,
): Departure {
  const kind = isReleased ? 'live' : mode.kind;
  if (kind === 'capture') {
    const captured = recipients.map(({ position }) => position);
    return { mode: kind, leaving: [], captured, magic: [], originalRecipients: null };
  }
  const magic: (EnvelopeRecipient & { outcome: MagicOutcome })[] = [];
  const real: EnvelopeRecipient[] = [];
  for (const recipient of recipients) {
    const outcome = magicOutcomeOf(recipient.address);
    if (outcome === null) real.push(recipient);
    else magic.push({ position: recipient.position, address: recipient.address, outcome });
  }
  if (!isReleased && mode.kind === 'redirect') {
    const positions = real.map(({ position }) => position);
    return {
      mode: kind,
      leaving: positions.length === 0 ? [] : [{ address: mode.to, positions }],
      captured: [],
      magic,
      originalRecipients: recipients.map(({ address }) => address),
    };
  }
  const allowed = (address: string): boolean =>
    isReleased || mode.kind !== 'allow_list' || mode.entries.some((entry) => matchesEntry(entry, address));
  return {
    mode: kind,
    leaving: groupByAddress(real.filter(({ address }) => allowed(address))),
    captured: real.filter(({ address }) => !allowed(address)).map(({ position }) => position),
    magic,
    originalRecipients: null,
  };
}

/** Whether an entry ("someone@example.com", "example.com", "*.example.com") names this address. */
export function matchesEntry(entry: string, address: string): boolean {
  const wanted = withAsciiDomain(entry.toLowerCase());
  const given = address.toLowerCase();
  if (wanted.includes('@') && !wanted.includes('@*.')) return wanted === given;
  const domain = given.slice(given.lastIndexOf('@') + 1);
  const local = given.slice(0, given.lastIndexOf('@'));
  const [wantedLocal, wantedDomain] = wanted.includes('@') ? splitAddress(wanted) : [null, wanted];
  if (wantedLocal !== null && wantedLocal !== local) return false;
  return wantedDomain.startsWith('*.') ? domain.endsWith(wantedDomain.slice(1)) : domain === wantedDomain;
}

// Recipients carry the A-label of an international domain, entries what a person typed.
function withAsciiDomain(entry: string): string {
  const [, local = '', wildcard = '', domain = ''] = /^(.*@)?(\*\.)?(.*)$/u.exec(entry) ?? [];
  if (/^[ -~]*$/.test(domain)) return entry;
  return `${local}${wildcard}${URL.parse(`http://${domain}`)?.hostname ?? domain}`;
}

/** The outcome that a magic address asks for; an unknown local part of the reserved domain is simply delivered. */
export function magicOutcomeOf(address: string): MagicOutcome | null {
  // Asked about every recipient of every mail.
  if (!address.toLowerCase().endsWith(magicSuffix)) return null;
  const word = address.toLowerCase().slice(0, -magicSuffix.length).split('+')[0];
  return magicOutcomes.find((outcome) => outcome === word) ?? 'delivered';
}

function splitAddress(address: string): [string | null, string] {
  const at = address.lastIndexOf('@');
  return at === -1 ? [null, address] : [address.slice(0, at), address.slice(at + 1)];
}

function groupByAddress(recipients: readonly EnvelopeRecipient[]): Departure['leaving'] {
  const groups = new Map<string, { address: string; positions: number[] }>();
  for (const { address, position } of recipients) {
    const group = groups.get(address);
    if (group === undefined) groups.set(address, { address, positions: [position] });
    else group.positions.push(position);
  }
  return [...groups.values()];
}

// Of every pair of entries of which one covers the other, the narrower: exactly what both lists allow.
function commonEntries(left: readonly string[], right: readonly string[]): string[] {
  const common = new Set<string>();
  for (const a of left) {
    for (const b of right) {
      if (covers(a, b)) common.add(b);
      else if (covers(b, a)) common.add(a);
    }
  }
  return [...common];
}

function covers(wide: string, narrow: string): boolean {
  const [wideLocal, wideDomain] = splitAddress(wide.toLowerCase());
  const [narrowLocal, narrowDomain] = splitAddress(narrow.toLowerCase());
  if (wideLocal !== null && wideLocal !== narrowLocal) return false;
  if (wideDomain === narrowDomain) return true;
  if (!wideDomain.startsWith('*.')) return false;
  return narrowDomain.replace(/^\*/, '').endsWith(wideDomain.slice(1));
}
