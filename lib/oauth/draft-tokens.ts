import { type Transaction, withTenant } from '#db/client.ts';
import type { Services } from '../context.ts';
import type { OpenedMailSettings } from '../settings/open-mail-settings.ts';
import type { HttpDialogue } from '../transports/http/dialogue.ts';
import type { TokenAnswer, TokenSource } from '../transports/supplies.ts';
import { type TokenResult, withAuthorizationClient } from './authorization-client.ts';
import { type GrantOwner, giveTurnBack, readGrant, storeRefreshed, takeRefreshTurn } from './grant-store.ts';
import { type OauthSettings, oauthSettings } from './oauth-settings.ts';
import { turnSeconds } from './refresh-in-turn.ts';
import { refusal } from './token-codes.ts';

/**
 * Tokens for a test mail by unsaved values: always fetched anew, so that the typed secret is proved, and a refusal is
 * told to the person alone; the connection that is saved is not marked as failing. Null without OAuth.
 */
export function createDraftTokenSource(
  services: Services,
  owner: { readonly organizationId: string; readonly projectId: string },
  opened: OpenedMailSettings,
): TokenSource | null {
  const settings = oauthSettings(opened, services.settings);
  if (settings === null) return null;
  const grant = { ...owner, grantId: settings.grantId };
  return {
    accessToken: (_refused, signal, dialogue = null) =>
      fetchToken({ services, owner: grant, settings, signal, dialogue }),
  };
}

interface Draft {
  readonly services: Services;
  readonly owner: GrantOwner;
  readonly settings: OauthSettings;
  readonly signal: AbortSignal;
  readonly dialogue: HttpDialogue | null;
}

async function fetchToken(draft: Draft): Promise<TokenAnswer> {
  const { settings, signal, dialogue } = draft;
  const result =
    settings.access === 'app_only'
      ? await withAuthorizationClient(settings, signal, (client) => client.appToken(), dialogue)
      : await refreshKept(draft);
  return result.ok ? { kind: 'token', token: result.tokens.accessToken } : result.refusal;
}

/** The consent that may be kept; a new refresh token must be stored, whatever it was asked for. */
async function refreshKept({ services, owner, settings, signal, dialogue }: Draft): Promise<TokenResult> {
  const { keyring } = services;
  const run = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    withTenant(services.database, { organizationId: owner.organizationId, userId: null }, work);
  const grant = await run((tx) => readGrant(tx, keyring, owner));
  if (grant === null || grant.tokens === null) {
    return { ok: false, refusal: refusal('OAUTH_CONSENT_MISSING', 'mailbox') };
  }
  const turn = await run((tx) => takeRefreshTurn(tx, keyring, owner, turnSeconds));
  const refreshToken = turn?.tokens?.refreshToken ?? null;
  if (turn === null) return { ok: false, refusal: refusal('OAUTH_SERVER_BUSY', 'host') };
  const result: TokenResult =
    refreshToken === null
      ? { ok: false, refusal: refusal('OAUTH_NO_REFRESH_TOKEN', 'mailbox') }
      : await withAuthorizationClient(settings, signal, (client) => client.refresh(refreshToken), dialogue);
  await run(async (tx) => {
    if (!result.ok) return giveTurnBack(tx, owner, turn.refreshCount);
    const given = { tokens: result.tokens, before: turn.tokens, turn: turn.refreshCount };
    await storeRefreshed(tx, keyring, owner, given);
  });
  return result;
}
