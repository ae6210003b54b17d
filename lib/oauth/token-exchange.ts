import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { z } from 'zod';
import type { HttpClient } from '../transports/http/client.ts';
import type { HttpDialogue } from '../transports/http/dialogue.ts';
import type { HttpRequest } from '../transports/http/request.ts';
import { judgeOauthError, type OauthError, refusal, type TokenRefusal } from './token-codes.ts';

/** Thrown through a client library when no answer came; never leaves this folder. */
export class NoTokenAnswer extends Error {
  readonly refusal: TokenRefusal;

  constructor(given: TokenRefusal) {
    super(given.fault.code);
    this.name = 'NoTokenAnswer';
    this.refusal = given;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const deadlineMs = 15_000;
const maxAnswerBytes = 256 * 1024;

/**
 * The network under the two client libraries: our guarded, proxied sockets, one request at a time, nothing followed and
 * nothing retried. It remembers the last answer of the token endpoint, because neither library hands everything on.
 */
export class TokenExchange {
  readonly #http: HttpClient;
  readonly #signal: AbortSignal;
  readonly #dialogue: HttpDialogue | null;
  /** The last answer to a POST; null before. */
  last: Answer | null = null;
  #failure: TokenRefusal | null = null;

  constructor(http: HttpClient, signal: AbortSignal, dialogue: HttpDialogue | null = null) {
    this.#http = http;
    this.#signal = signal;
    this.#dialogue = dialogue;
  }

  /** What ended the exchange: no answer, or the server's own words. Null where the last answer was a success. */
  failure(): TokenRefusal | null {
    if (this.#failure !== null) return this.#failure;
    if (this.last === null || this.last.status < 400) return null;
    return judgeOauthError(readOauthError(this.last));
  }

  async request(
    method: 'GET' | 'POST',
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
  ): Promise<Answer> {
    const request: HttpRequest = {
      method,
      url,
      headers: usable(headers),
      body,
      deadlineMs,
      maxAnswerBytes,
      dialogue: this.#dialogue,
    };
    const result = await this.#http.request(request, this.#signal);
    if (result.kind !== 'answered') {
      this.#failure = notAnswered(result.kind === 'failed' ? result.fault : null);
      throw new NoTokenAnswer(this.#failure);
    }
    const { status, headers: answered, body: bytes } = result.answer;
    const answer = { status, headers: answered, body: bytes.toString('utf8') };
    if (method === 'POST') this.last = answer;
    else if (status >= 400) this.#failure = judgeOauthError(readOauthError(answer));
    return answer;
  }

  /** For @azure/msal-node, whose own client reads no proxy and has no deadline. */
  networkModule(): INetworkModule {
    const send = async <T>(
      method: 'GET' | 'POST',
      url: string,
      options: NetworkRequestOptions | undefined,
    ): Promise<NetworkResponse<T>> => {
      const { status, headers, body } = await this.request(
        method,
        url,
        options?.headers ?? {},
        options?.body ?? null,
      );
      return { status, headers: { ...headers }, body: jsonOr<T>(body) };
    };
    return {
      sendGetRequestAsync: (url, options) => send('GET', url, options),
      sendPostRequestAsync: (url, options) => send('POST', url, options),
    };
  }

  /** For oauth4webapi. */
  readonly fetch = async (
    url: string,
    options: { method: string; headers: Record<string, string>; body?: unknown },
  ): Promise<Response> => {
    const body = options.body instanceof URLSearchParams ? options.body.toString() : null;
    const answer = await this.request(options.method === 'POST' ? 'POST' : 'GET', url, options.headers, body);
    return new Response(answer.body === '' ? null : answer.body, {
      status: answer.status,
      headers: { ...answer.headers },
    });
  };
}

/** The error in an answer, read leniently: whatever is not there is null. */
function readOauthError({ status, body }: Pick<Answer, 'status' | 'body'>): OauthError {
  const parsed = errorBody.safeParse(jsonOr<unknown>(body));
  if (!parsed.success) return { status, error: null, description: null, numbers: [] };
  const { error, error_description: description, error_codes: numbers } = parsed.data;
  return {
    status,
    error,
    description: description ?? null,
    numbers: numbers ?? numbersIn(description ?? ''),
  };
}

const errorBody = z.object({
  error: z.string(),
  error_description: z.string().optional(),
  error_codes: z.array(z.number()).optional(),
});

/** The AADSTS numbers that a text names, for answers that carry none of their own (the redirect with an error). */
export function numbersIn(text: string): number[] {
  return [...text.matchAll(/AADSTS(\d{5,8})/g)].map(([, digits]) => Number(digits));
}

/**
 * The body as the caller's type. The caller is either a library that checks what it reads, or a schema; anything but JSON
 * reads as an empty object.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the library's own interface asks for any type
function jsonOr<T>(body: string): T {
  try {
    return JSON.parse(body);
  } catch {
    return JSON.parse('{}');
  }
}

function notAnswered(fault: { readonly code: string; readonly stage: string } | null): TokenRefusal {
  const { kind, fault: refused } = refusal('OAUTH_UNREACHABLE', 'host');
  if (fault === null) return { kind, fault: refused };
  // The connector's own code says more than ours; a proxy that wants a password needs a person.
  const code = fault.code;
  return {
    kind: code === 'PROXY_AUTH_REFUSED' ? 'credentials' : 'unreachable',
    fault: { stage: 'token', scope: 'host', code, reply: null },
  };
}

// Set by the connection itself.
const ownHeaders: ReadonlySet<string> = new Set(['host', 'content-length', 'connection', 'cookie']);

function usable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.has(name.toLowerCase())));
}
