import { z } from 'zod';
import { type Transaction, withTenant, withoutTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context, type Services, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { hashToken } from '../keys/hash-token.ts';
import { parseInput } from '../parse-input.ts';
import { clearLane } from '../settings/write-version.ts';
import type { Fault } from '../transports/contract.ts';
import { type TokenResult, withAuthorizationClient } from './authorization-client.ts';
import { consentBinding } from './begin-consent.ts';
import { checkGranted, isOtherIssuer } from './check-granted.ts';
import { ensureGrant, type GrantOwner, storeConsented } from './grant-store.ts';
import { loadOauth } from './load-oauth.ts';
import { redirectUrl } from './redirect-url.ts';
import type { OauthSettings } from './oauth-settings.ts';
import { judgeOauthError, refusal } from './token-codes.ts';
import { numbersIn } from './token-exchange.ts';

/** What the provider put into the address that it led back to. */
const answerInput = z.strictObject({
  state: z.string().min(1).max(400),
  code: z.string().min(1).max(8_192).nullable(),
  error: z.string().max(400).nullable(),
  errorDescription: z.string().max(8_192).nullable(),
  /** RFC 9207. */
  issuer: z.string().max(2_000).nullable(),
  isAdministratorConsent: z.boolean(),
  /** What the browser shows: its session, or the link's cookie. */
  browser: z.string().min(1).max(200),
});
export type ConsentAnswer = z.input<typeof answerInput>;

export interface FoundConsent {
  readonly organizationId: string;
  readonly organization: string;
  readonly projectId: string;
  readonly project: string;
  readonly linkId: string | null;
}

/** Whose consent a state belongs to, before the tenant is known; null where there is none. */
export async function findConsent(services: Services, state: string): Promise<FoundConsent | null> {
  const { rows } = await withoutTenant(services.database, (tx) =>
    tx.query<{
      organization_id: string;
      organization_slug: string;
      project_id: string;
      project_slug: string;
      link_id: string | null;
    }>('select * from mailroom.find_oauth_consent($1)', [hashToken(state)]),
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    organizationId: row.organization_id,
    organization: row.organization_slug,
    projectId: row.project_id,
    project: row.project_slug,
    linkId: row.link_id,
  };
}

export type FinishedConsent =
  /** `laneId` is to be woken by the caller. */
  | { readonly ok: true; readonly account: string | null; readonly laneId: string }
  | { readonly ok: false; readonly fault: Fault; readonly account: string | null };

interface Taken {
  readonly project: ProjectRow;
  readonly settings: OauthSettings;
  readonly owner: GrantOwner;
  readonly kind: 'mailbox' | 'administrator';
  readonly linkId: string | null;
  readonly verifier: string;
  readonly nonce: string;
}

/**
 * Ends a consent with the provider's answer: redeems the code, checks the account, and stores both tokens. A state is
 * good once, for the browser that started it, and for the settings as they were. Throws `expired` where it is not.
 */
export async function finishConsent(
  ctx: Context,
  project: string,
  answer: ConsentAnswer,
): Promise<FinishedConsent> {
  const given = parseInput(answerInput, answer);
  const taken = await withTenant(ctx.database, tenantScope(ctx), (tx) =>
    takeConsent(tx, ctx, project, given),
  );
  const result = await redeem(ctx, taken, given);
  return withTenant(ctx.database, tenantScope(ctx), (tx) => settleConsent(tx, ctx, taken, result));
}

async function takeConsent(
  tx: Transaction,
  ctx: Context,
  reference: string,
  { state, browser }: z.output<typeof answerInput>,
): Promise<Taken> {
  const project = await loadProject(tx, ctx, reference);
  requirePermission(ctx, 'connections.consent', project.id);
  const stateHash = hashToken(state);
  const { rows } = await tx.query<TakenRow>(
    `update mailroom.oauth_consents set used_at = mailroom.now()
     where state_hash = $1 and organization_id = $2 and project_id = $3 and browser_hash = $4
       and used_at is null and expires_at > mailroom.now()
     returning grant_id, kind, link_id, key_id, sealed`,
    [stateHash, ctx.organizationId, project.id, hashToken(browser)],
  );
  const [row] = rows;
  if (row === undefined) {
    throw new DomainError(
      'expired',
      'This consent was used, has ended, or was started in another browser. Start it again.',
    );
  }
  const { settings, owner } = await loadOauth(tx, ctx, project);
  if (settings.grantId !== row.grant_id) throw changedMeanwhile();
  const sealed = { keyId: row.key_id, sealed: row.sealed };
  const held = sealedConsent.parse(
    JSON.parse(ctx.keyring.open(sealed, consentBinding(ctx.organizationId, stateHash))),
  );
  return { project, settings, owner, kind: row.kind, linkId: row.link_id, ...held };
}

interface TakenRow {
  readonly grant_id: string;
  readonly kind: 'mailbox' | 'administrator';
  readonly link_id: string | null;
  readonly key_id: string;
  readonly sealed: Buffer;
}

const sealedConsent = z.strictObject({ verifier: z.string(), nonce: z.string() });

async function redeem(
  ctx: Context,
  { settings, kind, verifier, nonce }: Taken,
  given: z.output<typeof answerInput>,
): Promise<TokenResult | 'granted'> {
  if (given.error !== null) {
    const description = given.errorDescription;
    const error = { status: null, error: given.error, description, numbers: numbersIn(description ?? '') };
    return { ok: false, refusal: judgeOauthError(error) };
  }
  if (isOtherIssuer(settings, given.issuer)) {
    return { ok: false, refusal: refusal('OAUTH_ISSUER_MISMATCH', 'tenant') };
  }
  if (kind === 'administrator') {
    return given.isAdministratorConsent
      ? 'granted'
      : { ok: false, refusal: refusal('OAUTH_REFUSED', 'tenant') };
  }
  const { code } = given;
  if (code === null) return { ok: false, refusal: refusal('OAUTH_REFUSED', 'mailbox') };
  const redirectUri = redirectUrl(ctx);
  const result = await withAuthorizationClient(settings, AbortSignal.timeout(25_000), (client) =>
    client.redeemCode({ code, verifier, nonce, redirectUri }),
  );
  return result.ok ? checkGranted(settings, result.tokens) : result;
}

async function settleConsent(
  tx: Transaction,
  ctx: Context,
  taken: Taken,
  result: TokenResult | 'granted',
): Promise<FinishedConsent> {
  const { project, settings, owner } = taken;
  const isGranted = result === 'granted';
  if (!isGranted && !result.ok) {
    const { fault } = result.refusal;
    await auditConsent(tx, ctx, taken, 'oauth.consent_failed', {
      code: fault.code,
      reply: fault.reply?.text ?? null,
    });
    return { ok: false, fault, account: settings.account };
  }
  await requireUnchanged(tx, ctx, taken);
  await useLink(tx, taken);
  const account = isGranted ? null : (result.tokens.accounts[0] ?? null);
  const consentedBy = actorLabel(ctx.actor);
  if (isGranted) await markGranted(tx, taken, consentedBy);
  else await storeConsented(tx, ctx.keyring, owner, { tokens: result.tokens, account, consentedBy });
  await auditConsent(tx, ctx, taken, 'oauth.consented', {
    consentedAs: account,
    scope: isGranted ? settings.scopes.join(' ') : result.tokens.scope,
  });
  await clearLane(tx, ctx, project, 'consent_given');
  // What failed without it is proved anew.
  await tx.query('update mailroom.connection_proofs set due_at = mailroom.now() where project_id = $1', [
    project.id,
  ]);
  return { ok: true, account, laneId: project.laneId };
}

// The provider was asked for a while: tokens of an account that is configured no more are thrown away.
async function requireUnchanged(tx: Transaction, ctx: Context, { project, settings }: Taken): Promise<void> {
  const current = await loadOauth(tx, ctx, await loadProject(tx, ctx, project.id));
  if (current.settings.grantId !== settings.grantId) throw changedMeanwhile();
}

function changedMeanwhile(): DomainError {
  return new DomainError('expired', 'The mail settings were changed meanwhile. Start the consent again.');
}

// The link is good once. An administrator's consent alone brings no token where a mailbox must still agree: it leaves
// the link open, and is taken from an open one only.
async function useLink(tx: Transaction, { linkId, kind, settings }: Taken): Promise<void> {
  if (linkId === null) return;
  const staysOpen = kind === 'administrator' && settings.access === 'delegated';
  const { rowCount } = await tx.query(
    `update mailroom.consent_links set used_at = case when $2 then null else mailroom.now() end
     where id = $1 and used_at is null and revoked_at is null and expires_at > mailroom.now()`,
    [linkId, staysOpen],
  );
  if (rowCount !== 1) throw new DomainError('expired', 'This link was used or has ended. Ask for a new one.');
}

// Who consented to the tokens that are there stays: with them an administrator's consent has nothing to do.
async function markGranted(tx: Transaction, { owner, settings }: Taken, consentedBy: string): Promise<void> {
  await ensureGrant(tx, owner);
  await tx.query(
    `update mailroom.oauth_grants set consented_at = case when $5 then mailroom.now() else consented_at end,
       consented_by = case when $5 then $4 else consented_by end, failed_at = null, failure_code = null, failure_reply = null
     where organization_id = $1 and project_id = $2 and id = $3`,
    [owner.organizationId, owner.projectId, owner.grantId, consentedBy, settings.access === 'app_only'],
  );
}

function auditConsent(
  tx: Transaction,
  ctx: Context,
  { project, settings, kind, linkId }: Taken,
  action: 'oauth.consented' | 'oauth.consent_failed',
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  return recordAudit(tx, ctx, {
    action,
    projectId: project.id,
    object: { kind: 'connection', id: project.id, label: project.name },
    detail: { account: settings.account, kind, byLink: linkId !== null, ...detail },
  });
}
