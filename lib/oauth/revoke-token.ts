import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import { createHttpClient } from '../transports/http/client.ts';
import type { OauthSettings } from './oauth-settings.ts';
import { TokenExchange } from './token-exchange.ts';

/**
 * What became of a token at its provider. `not_offered`: it publishes no address for that; `failed`: it was not reached
 * or refused.
 */
export type ProviderRevocation = 'revoked' | 'not_offered' | 'failed';

type StandardServer = Exclude<OauthSettings['server'], { kind: 'microsoft' }>;

const longestMs = 15_000;

/**
 * Tells the provider that a refresh token is not to be used any more (RFC 7009), with all that came of its consent.
 * Microsoft has no endpoint for that: there only the person or an administrator can withdraw the app.
 */
export async function revokeAtProvider(
  settings: OauthSettings,
  refreshToken: string,
): Promise<ProviderRevocation> {
  const { server } = settings;
  if (server.kind === 'microsoft') return 'not_offered';
  const http = createHttpClient(settings.http);
  try {
    const exchange = new TokenExchange(http, AbortSignal.timeout(longestMs));
    const endpoint = await findEndpoint(server, exchange);
    if (endpoint === null) return 'not_offered';
    return await revoke(settings, server, { endpoint, refreshToken, exchange });
  } catch {
    return 'failed';
  } finally {
    await http.close();
  }
}

async function revoke(
  { clientId, credential }: OauthSettings,
  server: StandardServer,
  given: { readonly endpoint: string; readonly refreshToken: string; readonly exchange: TokenExchange },
): Promise<ProviderRevocation> {
  const metadata = { issuer: new URL(server.tokenUrl).origin, revocation_endpoint: given.endpoint };
  const client = { client_id: clientId };
  const options = {
    [oauth.customFetch]: given.exchange.fetch,
    additionalParameters: { token_type_hint: 'refresh_token' },
  };
  const secret = credential.kind === 'secret' ? credential.secret : '';
  // Google asks for the token alone.
  const asked = [
    ...(server.kind === 'google' ? [oauth.None()] : []),
    oauth.ClientSecretPost(secret),
    oauth.ClientSecretBasic(secret),
  ];
  for (const authentication of asked) {
    const response = await oauth.revocationRequest(
      metadata,
      client,
      authentication,
      given.refreshToken,
      options,
    );
    if (response.status >= 400 && response.status < 500) continue;
    await oauth.processRevocationResponse(response);
    return 'revoked';
  }
  return 'failed';
}

/** Where Google takes tokens back, as its documentation has it beside the token endpoint. */
const googleToken = 'https://oauth2.googleapis.com/token';
const googleRevocation = 'https://oauth2.googleapis.com/revoke';

const mostLooks = 8;

/** Null where the server publishes none at its own hosts: a token goes nowhere that it was not saved for (PRODUCT 2.18). */
async function findEndpoint(server: StandardServer, exchange: TokenExchange): Promise<string | null> {
  if (server.kind === 'google' && server.tokenUrl === googleToken) return googleRevocation;
  const hosts = [new URL(server.tokenUrl).origin, new URL(server.authorizationUrl).origin];
  let wasReached = false;
  for (const url of metadataAddresses(server).slice(0, mostLooks)) {
    const answer = await exchange.request('GET', url, { accept: 'application/json' }, null).catch(() => null);
    wasReached ||= answer !== null;
    const read = published.safeParse(answer?.status === 200 ? jsonOrNull(answer.body) : null);
    if (!read.success || read.data.token_endpoint !== server.tokenUrl) continue;
    const { revocation_endpoint: endpoint = null } = read.data;
    return endpoint !== null && hosts.includes(new URL(endpoint).origin) ? endpoint : null;
  }
  if (!wasReached) throw new Error('the authorization server was not reached');
  return null;
}

const published = z.object({ token_endpoint: z.string(), revocation_endpoint: z.url().optional() });

/**
 * Where the metadata of the server may lie (RFC 8414 3, OpenID Connect Discovery 4): it is known by its endpoints alone,
 * so every folder above them may be its issuer.
 */
function metadataAddresses({ authorizationUrl, tokenUrl }: StandardServer): string[] {
  const issuers = [authorizationUrl, tokenUrl].flatMap((endpoint) => {
    const { origin, pathname } = new URL(endpoint);
    const parts = pathname.split('/').filter((part) => part !== '');
    return parts.map(
      (_, count) =>
        `${origin}${parts
          .slice(0, count)
          .map((part) => `/${part}`)
          .join('')}`,
    );
  });
  const roots = issuers.filter((issuer) => new URL(issuer).pathname === '/');
  return [...new Set([...roots, ...issuers])].map((issuer) => `${issuer}/.well-known/openid-configuration`);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
