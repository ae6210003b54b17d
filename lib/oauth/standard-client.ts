import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import type { AuthorizationServer } from '../settings/oauth-schemas.ts';
import type { AuthorizationClient, TokenResult } from './authorization-client.ts';
import { readTokens } from './granted-tokens.ts';
import type { OauthSettings } from './oauth-settings.ts';
import { refusal } from './token-codes.ts';
import { NoTokenAnswer, type TokenExchange } from './token-exchange.ts';

type Server = Exclude<AuthorizationServer, { kind: 'microsoft' }>;

/** Google and every other server that has an authorization and a token URL (RFC 6749), by oauth4webapi. */
export function standardClient(
  settings: OauthSettings,
  server: Server,
  exchange: TokenExchange,
): AuthorizationClient {
  const { clientId, credential } = settings;
  const secret = credential.kind === 'secret' ? credential.secret : '';
  const client: oauth.Client = { client_id: clientId };
  const options = { [oauth.customFetch]: exchange.fetch };
  // Discovery is not asked of every server, so its issuer is the one that it puts into its own ID token.
  const metadata = (issuer: string): oauth.AuthorizationServer => ({
    issuer,
    token_endpoint: server.tokenUrl,
    authorization_endpoint: server.authorizationUrl,
  });
  const asked = async (
    send: (authentication: oauth.ClientAuth) => Promise<Response>,
    read: (response: Response, server: oauth.AuthorizationServer) => Promise<oauth.TokenEndpointResponse>,
  ): Promise<TokenResult> => {
    try {
      let response = await send(oauth.ClientSecretPost(secret));
      if (wantsBasic(response)) response = await send(oauth.ClientSecretBasic(secret));
      const failure = exchange.failure();
      if (failure !== null) return { ok: false, refusal: failure };
      const body = exchange.last?.body ?? '';
      const answer = await read(response, metadata(issuerIn(body) ?? new URL(server.tokenUrl).origin));
      const tokens = readTokens(body, accountsOf(oauth.getValidatedIdTokenClaims(answer)));
      if (tokens !== null) return { ok: true, tokens };
    } catch (error) {
      if (error instanceof NoTokenAnswer) return { ok: false, refusal: error.refusal };
    }
    return { ok: false, refusal: refusal('OAUTH_ANSWER_INVALID', 'host') };
  };
  const known = metadata(new URL(server.tokenUrl).origin);
  return {
    authorizationUrl: (request) => Promise.resolve(authorizationUrl(settings, server, request)),
    redeemCode: ({ code, verifier, nonce, redirectUri }) =>
      asked(
        (authentication) =>
          oauth.authorizationCodeGrantRequest(
            known,
            client,
            authentication,
            callbackOf(known, client, code),
            redirectUri,
            verifier,
            options,
          ),
        (response, at) =>
          oauth.processAuthorizationCodeResponse(at, client, response, noncesOf(exchange, nonce)),
      ),
    refresh: (refreshToken) =>
      asked(
        (authentication) =>
          oauth.refreshTokenGrantRequest(known, client, authentication, refreshToken, options),
        (response, at) => oauth.processRefreshTokenResponse(at, client, response),
      ),
    appToken: () =>
      asked(
        (authentication) =>
          oauth.clientCredentialsGrantRequest(
            known,
            client,
            authentication,
            new URLSearchParams({ scope: settings.scopes.join(' ') }),
            options,
          ),
        (response, at) => oauth.processClientCredentialsResponse(at, client, response),
      ),
  };
}

function authorizationUrl(
  { clientId, scopes, account }: OauthSettings,
  server: Server,
  request: { redirectUri: string; state: string; nonce: string; challenge: string },
): string {
  const url = new URL(server.authorizationUrl);
  // Google names the account only when asked to, and gives a refresh token only with these two.
  const isGoogle = server.kind === 'google';
  const asked = isGoogle ? [...new Set([...scopes, 'openid', 'email'])] : scopes;
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: request.redirectUri,
    scope: asked.join(' '),
    state: request.state,
    nonce: request.nonce,
    code_challenge: request.challenge,
    code_challenge_method: 'S256',
    login_hint: account,
    ...(isGoogle ? { access_type: 'offline', prompt: 'consent' } : {}),
    // OpenID Connect Core 11: offline_access needs prompt=consent.
    ...(!isGoogle && scopes.includes('openid') ? { prompt: 'consent' } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.toString();
}

// The state was compared, and the issuer looked at, when the answer came in; the library wants parameters it has seen.
function callbackOf(server: oauth.AuthorizationServer, client: oauth.Client, code: string): URLSearchParams {
  return oauth.validateAuthResponse(server, client, new URLSearchParams({ code }), oauth.expectNoState);
}

// Without an ID token there is nothing that a nonce could stand in.
function noncesOf(exchange: TokenExchange, nonce: string): oauth.ProcessAuthorizationCodeResponseOptions {
  return idTokenIn(exchange.last?.body ?? '') === null ? {} : { expectedNonce: nonce };
}

// RFC 6749 2.3.1: every server knows Basic, and some know nothing else.
function wantsBasic(response: Response): boolean {
  return response.status === 401 && /^basic\b/i.test(response.headers.get('www-authenticate') ?? '');
}

const withIdToken = z.object({ id_token: z.string() });
const withIssuer = z.object({ iss: z.string() });

function idTokenIn(body: string): string | null {
  try {
    return withIdToken.parse(JSON.parse(body)).id_token;
  } catch {
    return null;
  }
}

// The token came over TLS from the token endpoint itself, which stands for its signature (OpenID Connect Core 3.1.3.7).
function issuerIn(body: string): string | null {
  const [, payload = ''] = idTokenIn(body)?.split('.') ?? [];
  try {
    return withIssuer.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).iss;
  } catch {
    return null;
  }
}

const accountClaims = z.object({
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  preferred_username: z.string().optional(),
});

function accountsOf(claims: oauth.IDToken | undefined): string[] {
  const parsed = accountClaims.safeParse(claims ?? {});
  if (!parsed.success) return [];
  const { email, email_verified: isVerified, preferred_username: name } = parsed.data;
  return [isVerified === false ? undefined : email, name].filter((each) => each !== undefined);
}
