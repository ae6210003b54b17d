import { z } from 'zod';
import type { Transaction } from '#db/client.ts';
import { DomainError } from '../errors.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { GrantedTokens } from './granted-tokens.ts';
import type { TokenRefusal } from './token-codes.ts';

/** Whose tokens: a sealed row opens for this organization, project and grant only. */
export interface GrantOwner {
  readonly organizationId: string;
  readonly projectId: string;
  readonly grantId: string;
}

/** What is sealed. */
export interface HeldTokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** When the access token ends, and how long it had to live, in ms. */
export interface TokenLife {
  readonly endsMs: number;
  readonly lifeMs: number;
}

export interface Grant {
  /** Null before the consent and after its end. */
  readonly tokens: HeldTokens | null;
  readonly access: TokenLife | null;
  readonly refreshCount: number;
  /** A refusal so fresh that asking again would only hammer the server. */
  readonly freshFailure: { readonly code: string; readonly reply: string | null } | null;
}

const held = z.strictObject({ accessToken: z.string(), refreshToken: z.string().nullable() });

const day = 24 * 3600;

interface GrantRow {
  readonly key_id: string | null;
  readonly sealed: Buffer | null;
  readonly access_expires_at: Date | null;
  readonly refreshed_at: Date | null;
  readonly refresh_count: number;
  readonly failure_code: string | null;
  readonly failure_reply: string | null;
  readonly is_fresh_failure: boolean;
}

const columns = `key_id, sealed, access_expires_at, refreshed_at, refresh_count, failure_code, failure_reply,
  coalesce(failed_at > mailroom.now() - interval '30 seconds', false) as is_fresh_failure`;

/** The grant as it stands; null where there is no row yet. */
export async function readGrant(tx: Transaction, keyring: Keyring, owner: GrantOwner): Promise<Grant | null> {
  const { rows } = await tx.query<GrantRow>(
    `select ${columns} from mailroom.oauth_grants where organization_id = $1 and project_id = $2 and id = $3`,
    [owner.organizationId, owner.projectId, owner.grantId],
  );
  return rows[0] === undefined ? null : grantOf(rows[0], keyring, owner);
}

/**
 * Takes the turn to refresh: of all processes that ask at once, one gets the grant and the others null. The turn ends
 * by itself, so a process that died with it costs the seconds that are left of it and no consent. The row is not
 * locked meanwhile: a server that does not answer must not hold a connection of ours.
 */
export async function takeRefreshTurn(
  tx: Transaction,
  keyring: Keyring,
  owner: GrantOwner,
  turnSeconds: number,
): Promise<Grant | null> {
  const { rows } = await tx.query<GrantRow>(
    `update mailroom.oauth_grants
     set refreshing_until = mailroom.now() + make_interval(secs => $4), refresh_count = refresh_count + 1
     where organization_id = $1 and project_id = $2 and id = $3
       and (refreshing_until is null or refreshing_until <= mailroom.now())
     returning ${columns}`,
    [owner.organizationId, owner.projectId, owner.grantId, turnSeconds],
  );
  return rows[0] === undefined ? null : grantOf(rows[0], keyring, owner);
}

/** App-only settings have no consent that would make their row. */
export async function ensureGrant(tx: Transaction, owner: GrantOwner): Promise<void> {
  await tx.query(
    `insert into mailroom.oauth_grants (id, organization_id, project_id) values ($1, $2, $3)
     on conflict (id) do nothing`,
    [owner.grantId, owner.organizationId, owner.projectId],
  );
}

/** When the tokens are renewed although nobody sends: daily, or at half of a shorter life. */
function renewAfterSeconds(tokens: HeldTokens, refreshExpiresInSeconds: number | null): number | null {
  if (tokens.refreshToken === null) return null;
  return Math.min(day, (refreshExpiresInSeconds ?? day * 2) / 2);
}

/**
 * Stores what a refresh brought, both tokens together. `turn` is the count of the turn taken: false where another
 * process took over meanwhile, whose tokens are the newer ones.
 */
export async function storeRefreshed(
  tx: Transaction,
  keyring: Keyring,
  owner: GrantOwner,
  given: { readonly tokens: GrantedTokens; readonly before: HeldTokens | null; readonly turn: number },
): Promise<boolean> {
  const { tokens, before, turn } = given;
  const kept: HeldTokens = {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken ?? before?.refreshToken ?? null,
  };
  const { keyId, sealed } = keyring.seal(JSON.stringify(kept), grantBinding(owner));
  const { rowCount } = await tx.query(
    `update mailroom.oauth_grants set key_id = $5, sealed = $6,
       access_expires_at = mailroom.now() + make_interval(secs => $7),
       refresh_expires_at = case when $8::double precision is not null then mailroom.now() + make_interval(secs => $8)
         when $9 then null else refresh_expires_at end,
       renew_at = mailroom.now() + make_interval(secs => $10),
       scope = coalesce($11, scope), refreshed_at = mailroom.now(), refreshing_until = null,
       failed_at = null, failure_code = null, failure_reply = null
     where organization_id = $1 and project_id = $2 and id = $3 and refresh_count = $4`,
    [
      owner.organizationId,
      owner.projectId,
      owner.grantId,
      turn,
      keyId,
      sealed,
      tokens.expiresInSeconds,
      tokens.refreshExpiresInSeconds,
      tokens.refreshToken !== null,
      renewAfterSeconds(kept, tokens.refreshExpiresInSeconds),
      tokens.scope,
    ],
  );
  return rowCount === 1;
}

/** Stores what a consent brought, in place of whatever was there. */
export async function storeConsented(
  tx: Transaction,
  keyring: Keyring,
  owner: GrantOwner,
  given: { readonly tokens: GrantedTokens; readonly account: string | null; readonly consentedBy: string },
): Promise<void> {
  await ensureGrant(tx, owner);
  const { rows } = await tx.query<{ refresh_count: number }>(
    `update mailroom.oauth_grants set account = $4, consented_at = mailroom.now(), consented_by = $5,
       refresh_expires_at = null, refresh_count = refresh_count + 1
     where organization_id = $1 and project_id = $2 and id = $3 returning refresh_count`,
    [owner.organizationId, owner.projectId, owner.grantId, given.account, given.consentedBy],
  );
  // A consent is the newest word: a refresh that is still under way loses its turn.
  const turn = rows[0]?.refresh_count ?? 0;
  await storeRefreshed(tx, keyring, owner, { tokens: given.tokens, before: null, turn });
}

/** Ends the turn with a refusal, for the status card and so that nobody asks again at once. True when it is news. */
export async function storeFailure(
  tx: Transaction,
  owner: GrantOwner,
  turn: number,
  { kind, fault }: TokenRefusal,
): Promise<boolean> {
  const { rows } = await tx.query<{ was: string | null }>(
    `with before as (
       select id, failure_code from mailroom.oauth_grants
       where organization_id = $1 and project_id = $2 and id = $3 for update
     )
     update mailroom.oauth_grants g set refreshing_until = null, failed_at = mailroom.now(), failure_code = $5,
       failure_reply = $6, renew_at = case when g.renew_at is null then null
         else mailroom.now() + case when $7 then interval '1 hour' else interval '10 minutes' end end
     from before where g.id = before.id and g.refresh_count = $4 returning before.failure_code as was`,
    [
      owner.organizationId,
      owner.projectId,
      owner.grantId,
      turn,
      fault.code,
      fault.reply?.text.slice(0, 2_000) ?? null,
      kind === 'credentials',
    ],
  );
  return rows[0] !== undefined && rows[0].was !== fault.code;
}

/** Ends the turn without a word about the server. */
export async function giveTurnBack(tx: Transaction, owner: GrantOwner, turn: number): Promise<void> {
  await tx.query(
    `update mailroom.oauth_grants set refreshing_until = null
     where organization_id = $1 and project_id = $2 and id = $3 and refresh_count = $4`,
    [owner.organizationId, owner.projectId, owner.grantId, turn],
  );
}

/** Forgets a refusal: the settings were saved anew, perhaps with the right secret. */
export async function forgetFailure(tx: Transaction, owner: GrantOwner): Promise<void> {
  await tx.query(
    `update mailroom.oauth_grants set failed_at = null, failure_code = null, failure_reply = null
     where organization_id = $1 and project_id = $2 and id = $3`,
    [owner.organizationId, owner.projectId, owner.grantId],
  );
}

/** Ends the consent: the tokens are destroyed, and a refresh that is under way stores nothing. */
export async function endGrant(tx: Transaction, owner: GrantOwner): Promise<void> {
  await tx.query(
    `update mailroom.oauth_grants set sealed = null, key_id = null, account = null, scope = null,
       consented_at = null, consented_by = null, access_expires_at = null, refresh_expires_at = null,
       renew_at = null, refreshing_until = null, failed_at = null, failure_code = null, failure_reply = null,
       refresh_count = refresh_count + 1
     where organization_id = $1 and project_id = $2 and id = $3`,
    [owner.organizationId, owner.projectId, owner.grantId],
  );
}

function grantOf(row: GrantRow, keyring: Keyring, owner: GrantOwner): Grant {
  return {
    tokens: openTokens(row, keyring, owner),
    access: lifeOf(row),
    refreshCount: row.refresh_count,
    freshFailure:
      row.failure_code === null || !row.is_fresh_failure
        ? null
        : { code: row.failure_code, reply: row.failure_reply },
  };
}

function lifeOf({ access_expires_at: ends, refreshed_at: since }: GrantRow): TokenLife | null {
  if (ends === null || since === null) return null;
  return { endsMs: ends.getTime(), lifeMs: ends.getTime() - since.getTime() };
}

function openTokens(row: GrantRow, keyring: Keyring, owner: GrantOwner): HeldTokens | null {
  if (row.sealed === null || row.key_id === null) return null;
  try {
    return held.parse(
      JSON.parse(keyring.open({ keyId: row.key_id, sealed: row.sealed }, grantBinding(owner))),
    );
  } catch (cause) {
    throw new DomainError(
      'unavailable',
      `The tokens of this connection cannot be opened with the keys that this process has (sealed by ${row.key_id}).`,
      { cause },
    );
  }
}

/** What a grant's tokens are authenticated with. */
export function grantBinding({ organizationId, projectId, grantId }: GrantOwner): string {
  return `${organizationId}/${projectId}/oauth_grant/${grantId}`;
}
