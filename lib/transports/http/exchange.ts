import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Dispatcher } from 'undici';
import { exchangeFaultCode, type HttpFaultCode } from './faults.ts';
import { defaultMaxAnswerBytes, type HttpBody, type HttpRequest, type HttpResult } from './request.ts';

type Dispatch = (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => void;

/** The end of a body leaves as a small piece of its own, so that a break while the rest goes out is known as one. */
const lastPieceBytes = 16 * 1024;

/**
 * One request on its way: the gates, the overall deadline that a dripping server cannot stretch, and the knowledge
 * whether the request's end may have left.
 */
export class Exchange {
  readonly #request: HttpRequest;
  readonly #socket: TLSSocket;
  #settle: ((result: HttpResult) => void) | null = null;
  #endMayHaveLeft = false;
  #status = 0;
  #headers: Record<string, string> = {};
  readonly #chunks: Buffer[] = [];
  #answerBytes = 0;

  constructor(request: HttpRequest, socket: TLSSocket) {
    this.#request = request;
    this.#socket = socket;
  }

  async run(dispatch: Dispatch, signal: AbortSignal): Promise<HttpResult> {
    const { observe, dialogue } = this.#request;
    if (signal.aborted || !(await this.#mayStart()) || signal.aborted) return { kind: 'withheld' };
    observe?.('http', 'running');
    dialogue?.sent(this.#request);
    const result = await this.#exchange(dispatch, signal);
    if (result.kind === 'answered') {
      dialogue?.received(result.answer);
      observe?.('http', 'done', String(result.answer.status));
    } else {
      dialogue?.note(result.kind === 'failed' ? result.fault.code : 'Broken off before the end was sent');
    }
    return result;
  }

  #exchange(dispatch: Dispatch, signal: AbortSignal): Promise<HttpResult> {
    return new Promise((resolve) => {
      const onAbort = (): void => this.#stop(this.#endMayHaveLeft ? this.#failed('HTTP_ABORTED') : withheld);
      const timer = setTimeout(() => this.#stop(this.#failed('HTTP_TIMEOUT')), this.#request.deadlineMs);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#settle = (result) => {
        this.#settle = null;
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        resolve(result);
      };
      dispatch(this.#options(), this.#handler());
    });
  }

  #options(): Dispatcher.DispatchOptions {
    const { method, headers, body = null } = this.#request;
    const plain = { path: '', method, headers, idempotent: false };
    if (body === null) return plain;
    const streamed = typeof body === 'string' || body instanceof Uint8Array ? bodyOf(body) : body;
    if (streamed.sizeBytes === 0) return plain;
    return {
      ...plain,
      headers: { ...headers, 'content-length': String(streamed.sizeBytes) },
      body: asRequestBody(this.#pour(streamed)),
    };
  }

  #handler(): Dispatcher.DispatchHandler {
    return {
      // Called right before the head is written; a request without a body is whole with its head.
      onRequestStart: (controller) => {
        if (hasBody(this.#request)) return;
        this.#endMayHaveLeft = this.#mayFinish();
        if (this.#endMayHaveLeft) return;
        this.#stop(withheld);
        controller.abort(new Error('Withheld'));
      },
      onResponseStart: (_controller, status, headers) => {
        this.#status = status;
        this.#headers = {};
        for (const [name, value = ''] of Object.entries(headers)) {
          this.#headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
        }
      },
      onResponseData: (_controller, chunk) => {
        this.#answerBytes += chunk.length;
        if (this.#answerBytes <= (this.#request.maxAnswerBytes ?? defaultMaxAnswerBytes))
          this.#chunks.push(chunk);
        else this.#stop(this.#failed('HTTP_ANSWER_TOO_LARGE'));
      },
      onResponseEnd: () => {
        const answer = { status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) };
        this.#settle?.({ kind: 'answered', answer });
      },
      onResponseError: (_controller, error) => this.#stop(this.#failed(exchangeFaultCode(error))),
    };
  }

  /** The body behind its gates. A return before the last piece leaves a request that no server can take for whole. */
  async *#pour(body: HttpBody): AsyncGenerator<Uint8Array, void, void> {
    let held: Uint8Array = new Uint8Array(0);
    let sizeBytes = 0;
    try {
      for await (const chunk of body.open()) {
        if (this.#settle === null) return;
        sizeBytes += chunk.byteLength;
        if (held.byteLength > 0) yield held;
        held = chunk;
      }
    } catch {
      sizeBytes = Number.NaN;
    }
    if (sizeBytes === body.sizeBytes) {
      const cut = Math.max(0, held.byteLength - lastPieceBytes);
      if (cut > 0) yield held.subarray(0, cut);
      if (this.#settle === null) return;
      this.#endMayHaveLeft = this.#mayFinish();
      if (this.#endMayHaveLeft) yield held.subarray(cut);
      else this.#stop(withheld);
    } else this.#stop(this.#failed('HTTP_CONTENT_UNREADABLE'));
  }

  async #mayStart(): Promise<boolean> {
    try {
      return (await this.#request.gates?.mayStart?.()) ?? true;
    } catch {
      return false;
    }
  }

  #mayFinish(): boolean {
    try {
      return this.#request.gates?.mayFinish?.() ?? true;
    } catch {
      return false;
    }
  }

  #failed(code: HttpFaultCode): HttpResult {
    return { kind: 'failed', fault: { stage: 'http', code }, mayHaveArrived: this.#endMayHaveLeft };
  }

  #stop(result: HttpResult): void {
    const settle = this.#settle;
    if (settle === null) return;
    settle(result);
    this.#socket.destroy();
  }
}

const withheld: HttpResult = { kind: 'withheld' };

function hasBody({ body = null }: HttpRequest): boolean {
  if (body === null) return false;
  return typeof body === 'string' || body instanceof Uint8Array ? body.length > 0 : body.sizeBytes > 0;
}

function bodyOf(content: string | Uint8Array): HttpBody {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return {
    sizeBytes: bytes.byteLength,
    open: async function* () {
      yield bytes;
    },
  };
}

/**
 * undici takes any async iterable for a body and pulls each piece right before it writes it (lib/core/request.js,
 * lib/dispatcher/client-h1.js writeIterable); its types name only streams, which would read ahead of the gates.
 */
function asRequestBody(pieces: AsyncIterable<Uint8Array>): Readable {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the lines above say
  return pieces as Readable;
}
