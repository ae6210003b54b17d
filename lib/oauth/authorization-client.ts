import { createHttpClient } from '../transports/http/client.ts';
import type { HttpDialogue } from '../transports/http/dialogue.ts';
import type { GrantedTokens } from './granted-tokens.ts';
import { microsoftClient } from './microsoft-client.ts';
import type { OauthSettings } from './oauth-settings.ts';
import { standardClient } from './standard-client.ts';
import type { TokenRefusal } from './token-codes.ts';
import { TokenExchange } from './token-exchange.ts';

export type TokenResult =
  | { readonly ok: true; readonly tokens: GrantedTokens }
  | { readonly ok: false; readonly refusal: TokenRefusal };

export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** S256 of the verifier (RFC 7636). */
  readonly challenge: string;
}

export interface CodeRedemption {
  readonly code: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly redirectUri: string;
}

/** One authorization server for one app; each provider's library behind the same four questions. */
export interface AuthorizationClient {
  /** Where the browser goes to consent. */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  redeemCode(redemption: CodeRedemption): Promise<TokenResult>;
  refresh(refreshToken: string): Promise<TokenResult>;
  /** App-only: client credentials. */
  appToken(): Promise<TokenResult>;
}

/** Runs `work` with a client whose connections end with it: a token is asked for once an hour. */
export async function withAuthorizationClient<T>(
  settings: OauthSettings,
  signal: AbortSignal,
  work: (client: AuthorizationClient) => Promise<T>,
  dialogue: HttpDialogue | null = null,
): Promise<T> {
  const http = createHttpClient(settings.http);
  try {
    const exchange = new TokenExchange(http, signal, dialogue);
    return await work(
      settings.server.kind === 'microsoft'
        ? microsoftClient(settings, settings.server, exchange)
        : standardClient(settings, settings.server, exchange),
    );
  } finally {
    await http.close();
  }
}
