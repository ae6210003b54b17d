import { withTenant } from '#db/client.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Services, systemContext } from '../context.ts';
import {
  type AuthorizationClient,
  type TokenResult,
  withAuthorizationClient,
} from './authorization-client.ts';
import { announce } from '../notices/announce.ts';
import { stopAnnouncement } from '../notices/announcement.ts';
import type { HttpDialogue } from '../transports/http/dialogue.ts';
import { type Grant, type GrantOwner, storeFailure, storeRefreshed } from './grant-store.ts';
import type { OauthSettings } from './oauth-settings.ts';
import { refusal, type TokenRefusal } from './token-codes.ts';

/** How long one process may take for a refresh before another may try; longer than a request's deadline. */
export const turnSeconds = 25;

/**
 * Asks the authorization server for new tokens and stores the answer, for whoever holds the turn. Access and refresh
 * token are stored in one statement: a process that dies before it leaves the old ones, which most servers still take.
 */
export async function refreshInTurn(
  services: Services,
  owner: GrantOwner,
  settings: OauthSettings,
  turn: Grant,
  dialogue: HttpDialogue | null = null,
): Promise<TokenResult> {
  const result = await askServer(settings, turn, dialogue);
  const scope = { organizationId: owner.organizationId, userId: null };
  await withTenant(services.database, scope, async (tx) => {
    if (result.ok) {
      const given = { tokens: result.tokens, before: turn.tokens, turn: turn.refreshCount };
      await storeRefreshed(tx, services.keyring, owner, given);
      return;
    }
    const isNews = await storeFailure(tx, owner, turn.refreshCount, result.refusal);
    if (isNews && result.refusal.kind === 'credentials') {
      await recordAudit(tx, systemContext(services, owner), failureEvent(owner, settings, result.refusal));
      const { organizationId, projectId } = owner;
      await announce(tx, { ...stopAnnouncement(result.refusal.fault), organizationId, projectId });
    }
  });
  return result;
}

function askServer(
  settings: OauthSettings,
  { tokens }: Grant,
  dialogue: HttpDialogue | null,
): Promise<TokenResult> {
  const signal = AbortSignal.timeout((turnSeconds - 2) * 1_000);
  const ask = async (client: AuthorizationClient): Promise<TokenResult> => {
    if (settings.access === 'app_only') return client.appToken();
    const refreshToken = tokens?.refreshToken ?? null;
    if (refreshToken !== null) return client.refresh(refreshToken);
    return { ok: false, refusal: refusal('OAUTH_NO_REFRESH_TOKEN', 'mailbox') };
  };
  return withAuthorizationClient(settings, signal, ask, dialogue);
}

function failureEvent(owner: GrantOwner, settings: OauthSettings, { fault }: TokenRefusal) {
  return {
    action: 'oauth.renewal_failed',
    projectId: owner.projectId,
    object: { kind: 'connection', id: owner.projectId, label: settings.account },
    detail: { code: fault.code, reply: fault.reply?.text ?? null },
  };
}
