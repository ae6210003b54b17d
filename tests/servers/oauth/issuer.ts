import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider from 'oidc-provider';
import { z } from 'zod';
import type { TestCertificate } from '../smtp/certificates.ts';
import { answerInteraction } from './consent-page.ts';
import {
  asProviderError,
  type ErrorAnswer,
  faultAnswer,
  type IssuerFault,
  unknownTenant,
} from './error-bodies.ts';
import { type IssuerClient, issuerConfiguration, type IssuerKind } from './issuer-configuration.ts';
import { IssuerMemory } from './memory-adapter.ts';

export interface IssuerOptions {
  readonly kind: IssuerKind;
  readonly certificate: TestCertificate;
  readonly clients: readonly IssuerClient[];
  readonly accounts: readonly string[];
  readonly tenant?: string;
  readonly port?: number;
  /** As the certificate names it; localhost by default. */
  readonly host?: string;
  readonly accessSeconds?: number;
  /** True: a refresh token that comes twice ends the whole grant, as RFC 9700 advises. Default: true but for Microsoft. */
  readonly isStrictAboutReuse?: boolean;
  /** Where consents and tokens are kept over its end; nowhere by default. */
  readonly memoryFile?: string;
}

export interface TokenRequest {
  readonly grantType: string;
  readonly refreshToken: string | null;
  readonly clientId: string | null;
}

export interface Issuer {
  readonly port: number;
  readonly tenant: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** Every request to the token endpoint, in order. */
  readonly tokenRequests: readonly TokenRequest[];
  /** What the token endpoint does instead; null: what it should. */
  fault: IssuerFault | null;
  /** Called before each answer of the token endpoint, to hold it back. */
  beforeAnswer: (() => Promise<void>) | null;
  /** Whose the access token is and what it is good for; null: it is no token of this issuer, or has ended. */
  readToken(token: string): Promise<{ account: string | null; scope: string } | null>;
  close(): Promise<void>;
}

/** A real authorization server (npm oidc-provider) over TLS on loopback, with the manners of a provider. */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const server = createServer({ cert: options.certificate.cert, key: options.certificate.key });
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const running = new RunningIssuer(options, server, port);
  server.on('request', (request, response) => void running.answer(request, response));
  return running;
}

type KoaContext = Parameters<Parameters<Provider['use']>[0]>[0];

class RunningIssuer implements Issuer {
  readonly port: number;
  readonly tenant: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly tokenRequests: TokenRequest[] = [];
  fault: IssuerFault | null = null;
  beforeAnswer: (() => Promise<void>) | null = null;
  readonly #provider: Provider;
  readonly #options: IssuerOptions;
  readonly #server: Server;
  readonly #offline = new Set<string>();
  readonly #listener: (request: IncomingMessage, response: ServerResponse) => Promise<void>;

  constructor(options: IssuerOptions, server: Server, port: number) {
    this.#options = options;
    this.#server = server;
    this.port = port;
    this.tenant = options.tenant ?? 'contoso.example';
    const base = `https://${options.host ?? 'localhost'}:${port}`;
    const memory = new IssuerMemory(options.memoryFile);
    memory.keepsUsedRefreshTokens = !(options.isStrictAboutReuse ?? options.kind !== 'microsoft');
    const configuration = issuerConfiguration({
      kind: options.kind,
      tenant: this.tenant,
      clients: options.clients,
      accounts: options.accounts,
      accessSeconds: options.accessSeconds ?? 3600,
      memory,
      offlineGrants: this.#offline,
    });
    const issuer = options.kind === 'microsoft' ? `${base}/${this.tenant}/v2.0` : base;
    this.#provider = new Provider(issuer, configuration);
    // Clients of these tests are killed in mid-request; Koa would print that.
    this.#provider.silent = true;
    this.#provider.use((ctx, next) => this.#around(ctx, next));
    const path = (name: 'authorization' | 'token', usual: string): string =>
      `${base}${configuration.routes?.[name] ?? usual}`;
    this.authorizationUrl = path('authorization', '/auth');
    this.tokenUrl = path('token', '/token');
    this.#listener = this.#provider.callback();
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', `https://localhost:${this.port}`);
    forgetSession(request);
    if (pathname.startsWith('/interaction/')) {
      const page = { accounts: this.#options.accounts, offline: this.#offline };
      return answerInteraction(this.#provider, request, response, page);
    }
    if (this.#options.kind === 'microsoft') {
      const answer = this.#microsoftAnswer(pathname);
      if (answer !== null) return send(response, answer);
      request.url = grantingOfflineAccess(request.url ?? '/', this.authorizationUrl);
    }
    return this.#listener(request, response);
  }

  async readToken(token: string): Promise<{ account: string | null; scope: string } | null> {
    const found = await this.#provider.AccessToken.find(token);
    if (found?.isValid === true) return { account: found.accountId, scope: found.scope ?? '' };
    const ofApp = await this.#provider.ClientCredentials.find(token);
    return ofApp?.isValid === true ? { account: null, scope: ofApp.scope ?? '' } : null;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  // Microsoft's discovery lies elsewhere than the standard has it, and a tenant that is not there is said first.
  #microsoftAnswer(pathname: string): ErrorAnswer | null {
    const [, tenant = ''] = pathname.split('/');
    if (tenant !== this.tenant) return unknownTenant(tenant);
    if (!pathname.endsWith('/v2.0/.well-known/openid-configuration')) return null;
    const base = `https://${this.#options.host ?? 'localhost'}:${this.port}/${this.tenant}`;
    const discovered = {
      issuer: `${base}/v2.0`,
      authorization_endpoint: this.authorizationUrl,
      token_endpoint: this.tokenUrl,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
    return { status: 200, body: JSON.stringify(discovered) };
  }

  async #around(ctx: KoaContext, next: () => Promise<void>): Promise<void> {
    if (ctx.path !== new URL(this.tokenUrl).pathname) return next();
    if (this.fault !== null) {
      this.tokenRequests.push({ grantType: 'not read', refreshToken: null, clientId: null });
      await this.beforeAnswer?.();
      return answerWith(ctx, faultAnswer(this.#options.kind, this.fault));
    }
    await next();
    this.#note(ctx['oidc']?.params);
    await this.beforeAnswer?.();
    const said = asProviderError(this.#options.kind, ctx.status, ctx.body);
    if (said !== null) return answerWith(ctx, said);
    if (this.#options.kind === 'microsoft') this.#addClientInfo(ctx);
  }

  #note(given: unknown): void {
    const params = tokenParams.catch({ grant_type: 'unknown' }).parse(given ?? {});
    this.tokenRequests.push({
      grantType: params.grant_type,
      refreshToken: params.refresh_token ?? null,
      clientId: params.client_id ?? null,
    });
  }

  #addClientInfo(ctx: KoaContext): void {
    if (ctx.status !== 200 || typeof ctx.body !== 'object') return;
    const info = { uid: 'somebody', utid: this.tenant };
    ctx.body = { ...ctx.body, client_info: Buffer.from(JSON.stringify(info)).toString('base64url') };
  }
}

// Every consent begins with the choice of the account: nobody stays signed in from the one before.
function forgetSession(request: IncomingMessage): void {
  const kept = (request.headers.cookie ?? '').split('; ').filter((cookie) => !cookie.startsWith('_session'));
  request.headers.cookie = kept.join('; ');
}

// Microsoft gives offline_access with any consent; OpenID Connect, and so the library here, only with prompt=consent.
function grantingOfflineAccess(requested: string, authorizationUrl: string): string {
  const url = new URL(requested, authorizationUrl);
  if (url.pathname !== new URL(authorizationUrl).pathname) return requested;
  url.searchParams.set('prompt', `${url.searchParams.get('prompt') ?? ''} consent`.trim());
  return url.pathname + url.search;
}

const tokenParams = z.object({
  grant_type: z.string(),
  refresh_token: z.string().optional(),
  client_id: z.string().optional(),
});

function answerWith(ctx: KoaContext, { status, body }: ErrorAnswer): void {
  ctx.status = status;
  ctx.type = body.startsWith('<') ? 'text/html' : 'application/json';
  ctx.body = body;
}

function send(response: ServerResponse, { status, body }: ErrorAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
}
