import {
  AuthenticationHandler,
  AuthenticationHandlerOptions,
  Client,
  ResponseType,
  type Context,
  type Middleware,
} from '@microsoft/microsoft-graph-client';
import type { HttpClient } from '../http/client.ts';
import type { HttpDialogue } from '../http/dialogue.ts';
import type { HttpBody, HttpGates, HttpObserver, HttpRequest, HttpResult } from '../http/request.ts';
import type { GraphRequest } from './requests.ts';

/** What one request to Graph takes with it beside its content. */
export interface ExchangeTerms {
  readonly token: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Content that is streamed, in place of the request's own body. */
  readonly content?: HttpBody | undefined;
  readonly gates?: HttpGates | undefined;
  readonly observe?: HttpObserver | undefined;
  readonly dialogue?: HttpDialogue | null | undefined;
}

/** Carries a request's terms through the Microsoft client's chain, and its result back. */
class Exchange {
  readonly terms: ExchangeTerms;
  result: HttpResult = { kind: 'withheld' };

  constructor(terms: ExchangeTerms) {
    this.terms = terms;
  }
}

/** The last link of the chain: our own HTTPS instead of the global fetch, with nothing that tries again by itself. */
class OwnHttpHandler implements Middleware {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async execute(context: Context): Promise<void> {
    const control = context.middlewareControl;
    const exchange: unknown = control?.getMiddlewareOptions(Exchange);
    if (!(exchange instanceof Exchange)) throw new TypeError('A request to Graph came without its terms');
    const { terms } = exchange;
    const request: HttpRequest = {
      method: methodOf(context.options?.method),
      url: typeof context.request === 'string' ? context.request : context.request.url,
      headers: headersOf(context.options?.headers),
      body: terms.content ?? bodyOf(context.options?.body),
      gates: terms.gates,
      deadlineMs: terms.deadlineMs,
      observe: terms.observe,
      dialogue: terms.dialogue,
    };
    exchange.result = await this.#http.request(request, terms.signal);
    // The client reads nothing of it: the answer goes its own way, whole.
    context.response = new Response(null, { status: 204 });
  }
}

/**
 * The Microsoft client over our own HTTPS: it builds address, headers and body and attaches the token, to this endpoint
 * alone. Its own chain would send mails again by itself (RetryHandler repeats POST on 429, 503 and 504).
 */
export function createGraphExchange(
  endpoint: string,
  http: HttpClient,
): (request: GraphRequest, terms: ExchangeTerms) => Promise<HttpResult> {
  const { origin, hostname, base, version } = readEndpoint(endpoint);
  const authentication = new AuthenticationHandler({ getAccessToken: () => Promise.resolve('') });
  const client = Client.initWithMiddleware({
    middleware: [authentication, new OwnHttpHandler(http)],
    baseUrl: `${origin}${base}`,
    defaultVersion: version,
    customHosts: new Set([hostname]),
  });
  return async (request, terms) => {
    const exchange = new Exchange(terms);
    const provider = { getAccessToken: () => Promise.resolve(terms.token) };
    const call = client
      .api(request.path)
      .headers({ ...request.headers })
      .middlewareOptions([new AuthenticationHandlerOptions(provider), exchange])
      .responseType(ResponseType.RAW);
    // The client joins query fields as they are.
    for (const [name, value] of Object.entries(request.query ?? {})) {
      call.query({ [name]: encodeURIComponent(value) });
    }
    if (request.method === 'GET') await call.get();
    else if (request.method === 'DELETE') await call.delete();
    else await call.post(request.body ?? '');
    return exchange.result;
  };
}

/** @throws RangeError for an endpoint that is not https */
export function readEndpoint(endpoint: string): {
  readonly origin: string;
  readonly hostname: string;
  readonly base: string;
  readonly version: string;
} {
  const url = new URL(endpoint);
  if (url.protocol !== 'https:') throw new RangeError('The Graph endpoint is an https address');
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const version = segments.pop() ?? 'v1.0';
  return {
    origin: url.origin,
    hostname: url.hostname,
    base: segments.map((segment) => `/${segment}`).join(''),
    version,
  };
}

function methodOf(method: string | undefined): HttpRequest['method'] {
  return (['POST', 'PUT', 'PATCH', 'DELETE'] as const).find((known) => known === method) ?? 'GET';
}

function headersOf(headers: unknown): Record<string, string> {
  const given = headers instanceof Object ? Object.entries(headers) : [];
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function bodyOf(body: unknown): string | Uint8Array | null {
  return typeof body === 'string' || body instanceof Uint8Array ? body : null;
}
