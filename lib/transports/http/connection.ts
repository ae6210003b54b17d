import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { Client, type Dispatcher } from 'undici';
import { Exchange } from './exchange.ts';
import type { HttpRequest, HttpResult } from './request.ts';

/**
 * One secured connection to one origin. undici speaks HTTP on it and can never open another: its way to connect hands
 * out this socket once and fails ever after, so no request moves to a second connection by itself.
 */
export class HttpConnection {
  requestCount = 0;
  idleSinceMs = 0;
  /** What the server proved itself with; NTLM binds its sign-in to it. */
  readonly peerCertificate: X509Certificate | null;
  readonly #origin: URL;
  readonly #socket: TLSSocket;
  readonly #client: Client;
  #isAlive = true;

  constructor(origin: URL, socket: TLSSocket, idleMs: number) {
    this.#origin = origin;
    this.#socket = socket;
    // Read once and kept: Node 24 answers the second call with undefined.
    this.peerCertificate = socket.getPeerX509Certificate() ?? null;
    socket.once('close', () => {
      this.#isAlive = false;
    });
    socket.on('error', () => {
      this.#isAlive = false;
    });
    let isHandedOut = false;
    this.#client = new Client(origin.origin, {
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      connect: (_options, callback) => {
        const isSpent = isHandedOut || !this.isAlive;
        isHandedOut = true;
        // undici waits for ever where it is called back in the same turn.
        queueMicrotask(() => {
          if (isSpent) callback(new Error('The connection is spent'), null);
          else callback(null, socket);
        });
      },
    });
  }

  get isAlive(): boolean {
    return this.#isAlive && !this.#socket.destroyed && this.#socket.writable;
  }

  /** One request and its answer; one at a time. An address of another origin is a bug of the caller. */
  async exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResult> {
    const url = new URL(request.url);
    if (url.origin !== this.#origin.origin) throw new RangeError('The request is for another origin');
    this.requestCount += 1;
    const exchange = new Exchange(request, this.#socket);
    return exchange.run((options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      this.#client.dispatch({ ...options, path: `${url.pathname}${url.search}` }, handler);
    }, signal);
  }

  /** Ends the connection at once. */
  drop(): void {
    this.#isAlive = false;
    this.#socket.destroy();
    void this.#client.destroy();
  }
}
