import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock } from '#lib/clock.ts';
import type { SendOutcome } from '../contract.ts';
import { createHttpClient, type HttpClient } from '../http/client.ts';
import { HttpDialogue } from '../http/dialogue.ts';
import type { HttpAnswer, HttpBody, HttpGates, HttpObserver, HttpResult } from '../http/request.ts';
import { tokenDialogue } from '../token-dialogue.ts';
import type { Transcript } from '../transcript.ts';
import { createGraphExchange } from './exchange.ts';
import { GraphRequests, type GraphRequest } from './requests.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { maxRequestsAtOnce, type GraphTransportOptions, type Wait } from './settings.ts';

/** What one try or probe brings along to each of its requests. */
export interface Errand {
  readonly signal: AbortSignal;
  readonly transcript: Transcript | null;
  readonly observe?: HttpObserver | undefined;
}

/** How a request to Graph ended, before it is judged. */
export type Asked =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  | Exclude<HttpResult, { kind: 'answered' }>
  /** No token, or Exchange's wish to be left alone: nothing was asked. */
  | { readonly kind: 'refused'; readonly outcome: SendOutcome };

/** Until when Exchange wants to be left alone, by the monotonic clock. */
interface Silence {
  untilMs: number;
}

/**
 * Everything that a transport asks of one mailbox: a token, a turn, the request, a second token where the first was
 * refused, and silence for as long as Exchange asked for it.
 */
export class GraphDesk {
  readonly requests: GraphRequests;
  readonly clock: Clock;
  readonly wait: Wait;
  readonly #options: GraphTransportOptions;
  readonly #http: HttpClient;
  readonly #exchange: ReturnType<typeof createGraphExchange>;
  readonly #silence: Silence;

  constructor(options: GraphTransportOptions, silence: Silence = { untilMs: 0 }) {
    this.#options = options;
    this.#silence = silence;
    this.clock = options.clock ?? systemClock;
    this.wait = options.wait ?? waitQuietly;
    this.requests = new GraphRequests(options);
    this.#http = createHttpClient({
      guard: options.addressGuard,
      proxy: options.proxy,
      checkCertificate: options.checkCertificate,
      customCa: options.customCa,
      maxConnectionsPerOrigin: maxRequestsAtOnce,
      deadlines: options.deadlines,
      lookup: options.lookup,
      clock: options.clock,
    });
    this.#exchange = createGraphExchange(options.endpoint, this.#http);
  }

  /** Asks Graph with a token, a second time with a new one where the first is refused. */
  async ask(request: GraphRequest, errand: Errand, load: Load = {}): Promise<Asked> {
    const first = await this.#askWithToken(request, errand, load, null);
    if (first.asked.kind !== 'answered' || first.asked.answer.status !== 401) return first.asked;
    return (await this.#askWithToken(request, errand, load, first.token)).asked;
  }

  /** One piece of an upload to the address that Graph gave for it, which is itself the permission [same]. */
  async upload(url: string, piece: UploadPiece, errand: Errand): Promise<Asked> {
    return this.#inTurn(this.#options.deadlines.uploadMs, errand, () =>
      this.#http.request(
        {
          method: 'PUT',
          url,
          headers: {
            'content-type': 'application/octet-stream',
            'content-range': `bytes ${piece.from}-${piece.from + piece.bytes.length - 1}/${piece.totalBytes}`,
          },
          body: piece.bytes,
          deadlineMs: this.#options.deadlines.uploadMs,
          observe: errand.observe,
          dialogue: dialogueOf(errand),
        },
        errand.signal,
      ),
    );
  }

  /** The same mailbox on connections of its own, bound to the same silence. */
  fresh(): GraphDesk {
    return new GraphDesk(this.#options, this.#silence);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async #askWithToken(
    request: GraphRequest,
    errand: Errand,
    load: Load,
    refused: string | null,
  ): Promise<{ readonly asked: Asked; readonly token: string }> {
    if (errand.signal.aborted) return { asked: { kind: 'withheld' }, token: '' };
    const told = tokenDialogue(errand.transcript);
    const given = await this.#options.tokens.accessToken(refused, errand.signal, told);
    if (given.kind !== 'token') {
      const outcome = errand.signal.aborted ? ({ kind: 'withheld' } as const) : given;
      return { asked: { kind: 'refused', outcome }, token: '' };
    }
    const { token } = given;
    errand.transcript?.hide([token]);
    const { requestMs } = this.#options.deadlines;
    const asked = await this.#inTurn(requestMs, errand, () =>
      this.#exchange(
        { ...request, headers: { ...request.headers, 'client-request-id': randomUUID() } },
        { token, deadlineMs: requestMs, ...errand, ...load, dialogue: dialogueOf(errand) },
      ),
    );
    return { asked, token };
  }

  /** A turn for one request; none is asked for, or used, while Exchange wants silence. */
  async #inTurn(deadlineMs: number, errand: Errand, work: () => Promise<HttpResult>): Promise<Asked> {
    const early = this.#silenced();
    if (early !== null) return early;
    const slot = await this.#options.slots.take(this.#longestMs(deadlineMs), errand.signal);
    if (slot === null) return { kind: 'withheld' };
    try {
      const result = this.#silenced() ?? (await work());
      if (result.kind === 'answered') this.#heed(result.answer);
      return result;
    } finally {
      slot.giveBack();
    }
  }

  #longestMs(deadlineMs: number): number {
    const { connectMs, tlsMs } = this.#options.deadlines;
    return connectMs + tlsMs + deadlineMs;
  }

  #silenced(): Asked | null {
    const leftMs = Math.ceil(this.#silence.untilMs - this.clock.monotonicMs());
    if (leftMs <= 0) return null;
    const fault = { stage: 'http', scope: 'mailbox', code: 'GRAPH_THROTTLED', reply: null } as const;
    return { kind: 'refused', outcome: { kind: 'throttled', fault, retryAfterMs: leftMs } };
  }

  #heed(answer: HttpAnswer): void {
    if (answer.status !== 429 && answer.status !== 503) return;
    const waitMs = retryAfterMs(answer.headers, this.clock.now());
    if (waitMs === null) return;
    this.#silence.untilMs = Math.max(this.#silence.untilMs, this.clock.monotonicMs() + waitMs);
  }
}

/** What a request carries: content, and the gates that it passes. Both may be asked again for a second token. */
export interface Load {
  readonly content?: HttpBody | undefined;
  readonly gates?: HttpGates | undefined;
}

export interface UploadPiece {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly totalBytes: number;
}

function dialogueOf({ transcript }: Errand): HttpDialogue | null {
  return transcript === null ? null : new HttpDialogue(transcript);
}

async function waitQuietly(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(delayMs, undefined, { signal, ref: false });
  } catch {
    // The signal ended the wait; who waits looks at it.
  }
}
