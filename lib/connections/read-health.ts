import { credentialEnds, daysLeft } from '../oauth/credential-ends.ts';
import type { OauthFaultCode } from '../oauth/token-codes.ts';
import type { MailSettingsDocument } from '../settings/schemas.ts';
import { type ConnectionState, decideConnectionState, type KnownEnd } from './connection-health.ts';
import { failedWay, storedProof, type StoredProof } from './proof-schema.ts';

/** What the state of a connection is made of, as `healthColumns` and `healthJoins` select it. */
export interface HealthRow {
  readonly is_current: boolean | null;
  readonly ok: boolean | null;
  readonly proof: unknown;
  readonly last_ok_at: Date | null;
  readonly last_failed_at: Date | null;
  readonly failure_code: string | null;
  readonly failure_reply: string | null;
  readonly has_tokens: boolean | null;
  readonly refresh_expires_at: Date | null;
}

/** Of a statement that selects from projects `p` and their current settings `v`. */
export const healthColumns = `c.settings_version = p.settings_version as is_current, c.ok, c.proof, c.last_ok_at,
  c.last_failed_at, c.failure_code, c.failure_reply, g.sealed is not null as has_tokens, g.refresh_expires_at`;
export const healthJoins = `left join mailroom.connection_proofs c on c.project_id = p.id
  left join mailroom.oauth_grants g
    on g.id = (v.document #>> '{connection,authentication,consent,grantId}')::uuid and g.project_id = p.id`;

const consentMissing: OauthFaultCode = 'OAUTH_CONSENT_MISSING';

export interface ConnectionHealth {
  readonly state: ConnectionState;
  /** The next one first. */
  readonly ends: readonly KnownEnd[];
  /** The last proof by the settings that stand now; null where there is none. */
  readonly proof: StoredProof | null;
  /** The last error, though it may work again since. */
  readonly lastError: {
    readonly at: Date;
    readonly code: string;
    readonly reply: string | null;
    readonly isAlternate: boolean;
  } | null;
}

/** How the connection of these settings stands. Pure. */
export function readHealth(
  row: HealthRow,
  settings: MailSettingsDocument | null,
  now: Date,
): ConnectionHealth {
  const isCurrent = row.is_current === true;
  const read = isCurrent ? storedProof.safeParse(row.proof) : null;
  const proof = read?.success === true ? read.data : null;
  const ends = settings === null ? [] : endsOf(settings, row.refresh_expires_at, proof, now);
  const isConsentMissing = settings !== null && lacksConsent(settings, row);
  // It failed for want of a consent that was given since: the next proof says more.
  const isOver = row.failure_code === consentMissing && !isConsentMissing;
  return {
    state: decideConnectionState({
      isSetUp: settings !== null,
      isConsentMissing,
      ok: isCurrent && !isOver ? row.ok : null,
      ends,
    }),
    ends,
    proof,
    lastError: isOver ? null : errorOf(row, proof),
  };
}

function lacksConsent({ connection }: MailSettingsDocument, row: HealthRow): boolean {
  const { authentication } = connection;
  return authentication.kind === 'oauth' && authentication.access === 'delegated' && row.has_tokens !== true;
}

function endsOf(
  settings: MailSettingsDocument,
  refreshExpiresAt: Date | null,
  proof: StoredProof | null,
  now: Date,
): KnownEnd[] {
  const known: { kind: KnownEnd['kind']; endsAt: Date }[] = credentialEnds(settings, refreshExpiresAt);
  const served = [
    ['server_certificate', proof?.primary.certificate],
    ['alternate_certificate', proof?.alternate?.certificate],
  ] as const;
  for (const [kind, certificate] of served) {
    if (certificate !== null && certificate !== undefined)
      known.push({ kind, endsAt: new Date(certificate.endsAt) });
  }
  return known
    .toSorted((a, b) => a.endsAt.getTime() - b.endsAt.getTime())
    .map(({ kind, endsAt }) => ({ kind, endsAt: endsAt.toISOString(), daysLeft: daysLeft(endsAt, now) }));
}

function errorOf(row: HealthRow, proof: StoredProof | null): ConnectionHealth['lastError'] {
  if (row.last_failed_at === null || row.failure_code === null) return null;
  const failed = proof === null ? null : failedWay(proof);
  return {
    at: row.last_failed_at,
    code: row.failure_code,
    reply: row.failure_reply,
    isAlternate: failed?.way === 'alternate',
  };
}
