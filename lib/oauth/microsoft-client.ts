import { createHash, X509Certificate } from 'node:crypto';
import {
  type AuthenticationResult,
  ConfidentialClientApplication,
  type Configuration,
} from '@azure/msal-node';
import { z } from 'zod';
import type { AuthorizationClient, TokenResult } from './authorization-client.ts';
import { readTokens } from './granted-tokens.ts';
import type { ClientCredential, OauthSettings } from './oauth-settings.ts';
import { refusal } from './token-codes.ts';
import { NoTokenAnswer, type TokenExchange } from './token-exchange.ts';

/**
 * Microsoft's authorization server, by its own library. A fresh application for each exchange: its cache would be a
 * second place for tokens, and its throttle would outlast the fault. It hides the refresh token, so that one is read
 * from the answer itself (RFC 6749 5.1).
 */
export function microsoftClient(
  settings: OauthSettings,
  server: { readonly host: string; readonly tenant: string },
  exchange: TokenExchange,
): AuthorizationClient {
  const application = new ConfidentialClientApplication(configurationOf(settings, server, exchange));
  // The library adds openid, profile and offline_access by itself.
  const scopes = settings.scopes.filter((scope) => !addedByLibrary.has(scope));
  const asked = async (ask: () => Promise<AuthenticationResult | null>): Promise<TokenResult> => {
    try {
      return granted(exchange, await ask());
    } catch (error) {
      const failure = exchange.failure();
      if (failure !== null) return { ok: false, refusal: failure };
      // A success that the library will not take, such as an ID token of another app.
      return { ok: false, refusal: refusal('OAUTH_ANSWER_INVALID', 'host', wordsOf(error)) };
    }
  };
  return {
    authorizationUrl: ({ redirectUri, state, nonce, challenge }) => {
      const url = application.getAuthCodeUrl({
        scopes,
        redirectUri,
        state,
        nonce,
        codeChallenge: challenge,
        codeChallengeMethod: 'S256',
        loginHint: settings.account,
        prompt: 'select_account',
      });
      // A cloud that the library does not know is asked for its addresses first, and that can fail.
      return url.catch(() => {
        throw new NoTokenAnswer(exchange.failure() ?? refusal('OAUTH_UNREACHABLE', 'host'));
      });
    },
    redeemCode: ({ code, verifier, nonce, redirectUri }) =>
      asked(() =>
        application.acquireTokenByCode({ code, scopes, redirectUri, nonce, codeVerifier: verifier }),
      ),
    refresh: (refreshToken) => asked(() => application.acquireTokenByRefreshToken({ refreshToken, scopes })),
    appToken: () => asked(() => application.acquireTokenByClientCredential({ scopes, skipCache: true })),
  };
}

const addedByLibrary: ReadonlySet<string> = new Set(['openid', 'profile', 'offline_access']);

function configurationOf(
  { clientId, credential }: OauthSettings,
  { host, tenant }: { readonly host: string; readonly tenant: string },
  exchange: TokenExchange,
): Configuration {
  return {
    auth: {
      clientId,
      authority: `https://${host}/${tenant}`,
      // The host was typed by an administrator, so no server is asked whether it is Microsoft's.
      knownAuthorities: [host],
      ...credentialOf(credential),
    },
    system: { networkClient: exchange.networkModule(), disableInternalRetries: true },
  };
}

function credentialOf(credential: ClientCredential): Partial<Configuration['auth']> {
  if (credential.kind === 'secret') return { clientSecret: credential.secret };
  const { raw } = new X509Certificate(credential.certificate);
  return {
    clientCertificate: {
      thumbprintSha256: createHash('sha256').update(raw).digest('hex'),
      privateKey: credential.privateKey,
      x5c: credential.certificate,
    },
  };
}

/** Names that the tenant vouches for; `email` is not among them, because anybody may write it (Microsoft's own advice). */
const accountClaims = z.object({
  preferred_username: z.string().optional(),
  upn: z.string().optional(),
});

function granted(exchange: TokenExchange, result: AuthenticationResult | null): TokenResult {
  const claims = accountClaims.safeParse(result?.idTokenClaims ?? {});
  const names = claims.success ? [claims.data.preferred_username, claims.data.upn] : [];
  const accounts = [result?.account?.username, ...names].filter((name) => name !== undefined && name !== '');
  const tokens = readTokens(
    exchange.last?.body ?? '',
    accounts.filter((name) => typeof name === 'string'),
  );
  if (tokens === null) return { ok: false, refusal: refusal('OAUTH_ANSWER_INVALID', 'host') };
  return { ok: true, tokens };
}

function wordsOf(error: unknown): { code: null; enhancedCode: null; text: string } {
  const text = error instanceof Error && 'errorCode' in error ? String(error.errorCode) : 'no usable answer';
  return { code: null, enhancedCode: null, text };
}
