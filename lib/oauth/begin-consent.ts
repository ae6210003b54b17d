import { createHash } from 'node:crypto';
import { withTenant } from '#db/client.ts';
import { oauthConsents } from '#db/schema/oauth.ts';
import { sql } from 'drizzle-orm';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { remedyFor } from '../doctor/remedies.ts';
import { DomainError } from '../errors.ts';
import { newToken } from '../ids.ts';
import { hashToken } from '../keys/hash-token.ts';
import { withAuthorizationClient } from './authorization-client.ts';
import { redirectUrl } from './redirect-url.ts';
import type { OauthSettings } from './oauth-settings.ts';
import { NoTokenAnswer } from './token-exchange.ts';

/** How long a person has on the pages of the provider. */
const openMinutes = 15;

export interface BegunConsent {
  readonly project: { readonly id: string; readonly name: string };
  readonly settings: OauthSettings;
  readonly version: number;
  readonly kind: 'mailbox' | 'administrator';
  /** What only the browser that starts may show again: its session, or the link's cookie. */
  readonly browser: string;
  readonly linkId: string | null;
}

/** What of a consent under way is sealed. */
export function consentBinding(organizationId: string, stateHash: Buffer): string {
  return `${organizationId}/oauth_consent/${stateHash.toString('hex')}`;
}

/** Writes down a consent under way and answers with the provider's address. The caller has asked for permission. */
export async function beginConsent(ctx: Context, begun: BegunConsent): Promise<{ url: string }> {
  const { settings, kind } = begun;
  const [state, verifier, nonce] = [newToken(), newToken(), newToken(16)];
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const redirectUri = redirectUrl(ctx);
  const url =
    kind === 'administrator'
      ? administratorUrl(settings, redirectUri, state)
      : await withAuthorizationClient(settings, AbortSignal.timeout(20_000), (client) =>
          client.authorizationUrl({ redirectUri, state, nonce, challenge }),
        ).catch(unavailable);
  const stateHash = hashToken(state);
  await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    await tx.orm.insert(oauthConsents).values({
      stateHash,
      organizationId: ctx.organizationId,
      projectId: begun.project.id,
      grantId: settings.grantId,
      settingsVersion: begun.version,
      kind,
      browserHash: hashToken(begun.browser),
      linkId: begun.linkId,
      expiresAt: sql`mailroom.now() + make_interval(mins => ${openMinutes})`,
      ...ctx.keyring.seal(JSON.stringify({ verifier, nonce }), consentBinding(ctx.organizationId, stateHash)),
    });
    await recordAudit(tx, ctx, {
      action: 'oauth.consent_begun',
      projectId: begun.project.id,
      object: { kind: 'connection', id: begun.project.id, label: begun.project.name },
      detail: { account: settings.account, kind, scope: settings.scopes.join(' '), version: begun.version },
    });
  });
  return { url };
}

function unavailable(error: unknown): never {
  if (!(error instanceof NoTokenAnswer)) throw error;
  const { code } = error.refusal.fault;
  const { happened, todo } = remedyFor(code);
  throw new DomainError('unavailable', `${happened} ${todo}`, { data: { code }, cause: error });
}

/** Rights for the whole tenant, without a token (Microsoft identity platform, admin consent endpoint v2.0). */
function administratorUrl(
  { server, clientId, scopes }: OauthSettings,
  redirectUri: string,
  state: string,
): string {
  if (server.kind !== 'microsoft') {
    throw new DomainError('wrong_state', 'Only Microsoft lets an administrator consent for a whole tenant.');
  }
  const url = new URL(`https://${server.host}/${server.tenant}/v2.0/adminconsent`);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('redirect_uri', redirectUri);
  url.searchParams.set('state', state);
  url.searchParams.set('scope', scopes.filter((scope) => scope !== 'offline_access').join(' '));
  return url.toString();
}
