import type { NodemailerError } from 'nodemailer';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';

/** Why a step on the wire did not come to its answer. */
export type WireFailure =
  /** The server answered with a refusal; the connection may live on. */
  | { readonly cause: 'refused'; readonly error: NodemailerError }
  /** The connection broke, or the peer does not speak the protocol. */
  | { readonly cause: 'lost'; readonly error: NodemailerError }
  | { readonly cause: 'timeout' }
  | { readonly cause: 'aborted' }
  /** We ended it ourselves for a reason that the caller knows. */
  | { readonly cause: 'dropped' };

export type WireResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: WireFailure };

type Done<T> = (error: NodemailerError | null | undefined, value: T) => void;

/**
 * One nodemailer connection with a deadline on each step. nodemailer's own time-outs watch silence only, so a
 * dripping server would hold a mail for ever; here the clock of a step runs on whatever the server sends.
 */
export class SmtpWire {
  readonly connection: SMTPConnection;
  #fail: ((failure: WireFailure) => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isDestroyed = false;

  constructor(connection: SMTPConnection) {
    this.connection = connection;
    connection.on('error', (error: NodemailerError) => this.#onError(error));
    connection.on('end', () => {
      this.#isDestroyed = true;
    });
  }

  get isAlive(): boolean {
    const socket = this.connection._socket;
    return !this.#isDestroyed && !this.connection.destroyed && socket instanceof Object && socket.writable;
  }

  /** Runs one step; resolves exactly once, at the latest at the deadline or when `signal` ends it. */
  run<T>(
    start: (done: Done<T>) => void,
    deadlineMs: number,
    signal: AbortSignal | null,
  ): Promise<WireResult<T>> {
    return new Promise((resolve) => {
      const onAbort = (): void => this.#end({ cause: 'aborted' });
      const settle = (result: WireResult<T>): void => {
        if (this.#fail !== fail) return;
        this.#fail = null;
        this.hold();
        signal?.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const fail = (failure: WireFailure): void => settle({ ok: false, failure });
      this.#fail = fail;
      this.extend(deadlineMs);
      signal?.addEventListener('abort', onAbort);
      if (signal?.aborted === true) return onAbort();
      start((error, value) => {
        if (error === null || error === undefined) settle({ ok: true, value });
        else fail(this.#classify(error));
      });
    });
  }

  /** Gives the running step this much time from now. */
  extend(deadlineMs: number): void {
    this.hold();
    if (this.#fail !== null) this.#timer = setTimeout(() => this.#end({ cause: 'timeout' }), deadlineMs);
  }

  /** Stops the clock of the running step, while we ourselves are the ones who are waited for. */
  hold(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Ends the connection at once, without QUIT. */
  drop(): void {
    this.#end({ cause: 'dropped' });
  }

  #end(failure: WireFailure): void {
    this.#isDestroyed = true;
    this.hold();
    const socket = this.connection._socket;
    this.connection.close();
    if (socket instanceof Object) socket.destroy();
    this.#fail?.(failure);
  }

  #onError(error: NodemailerError): void {
    this.#isDestroyed = true;
    this.#fail?.({ cause: 'lost', error });
  }

  #classify(error: NodemailerError): WireFailure {
    return {
      cause: error.responseCode !== undefined && error.code !== 'EPROTOCOL' ? 'refused' : 'lost',
      error,
    };
  }
}
