import type { TokenResult } from './authorization-client.ts';
import type { GrantedTokens } from './granted-tokens.ts';
import type { OauthSettings } from './oauth-settings.ts';
import { refusal } from './token-codes.ts';

/** The account must be the configured one (PRODUCT 2.9), with every right asked for, and the tokens must last. */
export function checkGranted(settings: OauthSettings, tokens: GrantedTokens): TokenResult {
  // Only a server of no known provider may leave the account unsaid; its mail server then checks the user name.
  const mayBeSilent = settings.server.kind === 'other' && tokens.accounts.length === 0;
  if (!mayBeSilent && !tokens.accounts.includes(settings.account.toLowerCase())) {
    const who = tokens.accounts[0] ?? 'an account without a name';
    return refused('OAUTH_WRONG_ACCOUNT', `${who} consented; ${settings.account} is configured.`);
  }
  const missing = missingScopes(settings.scopes, tokens.scope);
  if (missing.length > 0) return refused('OAUTH_RIGHTS_MISSING', `Not granted: ${missing.join(', ')}`);
  if (tokens.refreshToken === null) {
    return { ok: false, refusal: refusal('OAUTH_NO_REFRESH_TOKEN', 'mailbox') };
  }
  return { ok: true, tokens };
}

function refused(code: 'OAUTH_WRONG_ACCOUNT' | 'OAUTH_RIGHTS_MISSING', text: string): TokenResult {
  return { ok: false, refusal: refusal(code, 'mailbox', { code: null, enhancedCode: null, text }) };
}

/** What a token response does not name: it is about the person or the refresh token, and seen there. */
const unnamed: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'offline_access']);

// A server that says nothing has granted what was asked for (RFC 6749 5.1).
function missingScopes(asked: readonly string[], granted: string | null): string[] {
  if (granted === null) return [];
  const names = new Set(granted.split(/[\s,]+/).map(shortName));
  return asked.filter((scope) => !unnamed.has(scope) && !names.has(shortName(scope)));
}

// Microsoft answers "https://graph.microsoft.com/Mail.Send" to who asked for "Mail.Send".
function shortName(scope: string): string {
  return (scope.replace(/\/+$/, '').split('/').at(-1) ?? scope).toLowerCase();
}

/** A mix-up defence (RFC 9207) for servers that name themselves in the answer. */
export function isOtherIssuer({ server }: OauthSettings, issuer: string | null): boolean {
  if (issuer === null || server.kind === 'microsoft') return false;
  return !URL.canParse(issuer) || new URL(issuer).origin !== new URL(server.authorizationUrl).origin;
}
