import { Readable } from 'node:stream';
import type { OutgoingMail } from '../contract.ts';

/** What the sender needs to know while the content goes out. */
export interface BodyListener {
  /** The server asked for the content; from now on we are the ones who are waited for. */
  opened(): void;
  /** The server took what was given so far. */
  progressed(): void;
  /** From now on end-of-data can reach the server. */
  ending(): void;
  /** The mail must not go on: the caller drops the connection. */
  stopped(reason: 'withheld' | 'unreadable'): void;
}

/**
 * The stored content behind two gates: the first byte waits for the committed `started` mark, the last piece for the
 * lease. It reads nothing before the server has answered DATA with 354, for only then is it piped.
 */
export class GatedBody extends Readable {
  /** Whether the server asked for the content. */
  wasOpened = false;
  /** Whether end-of-data may have left this process: from here on a lost answer is an uncertain outcome. */
  endOfDataPossible = false;
  readonly #mail: OutgoingMail;
  /** Never rejects. */
  readonly #mayStart: Promise<boolean>;
  readonly #listener: BodyListener;
  #wake: (() => void) | null = null;

  constructor(mail: OutgoingMail, mayStart: Promise<boolean>, listener: BodyListener) {
    super();
    this.#mail = mail;
    this.#mayStart = mayStart;
    this.#listener = listener;
  }

  override _read(): void {
    if (!this.wasOpened) {
      this.wasOpened = true;
      void this.#pour();
      return;
    }
    this.#listener.progressed();
    this.#wake?.();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#wake?.();
    callback(error);
  }

  async #pour(): Promise<void> {
    this.#listener.opened();
    if (this.destroyed) return;
    if (!(await this.#mayStart)) return this.#listener.stopped('withheld');
    const last = await this.#pourAllButTheLast();
    if (last === 'unreadable') return this.#listener.stopped('unreadable');
    if (this.destroyed) return;
    if (!this.#mayFinish()) return this.#listener.stopped('withheld');
    this.endOfDataPossible = true;
    this.#listener.ending();
    if (last !== null) this.push(last);
    this.push(null);
  }

  /** A gate that fails is a closed gate: what is not surely allowed does not leave. */
  #mayFinish(): boolean {
    try {
      return this.#mail.mayFinish();
    } catch {
      return false;
    }
  }

  async #pourAllButTheLast(): Promise<Uint8Array | null | 'unreadable'> {
    let held: Uint8Array | null = null;
    try {
      for await (const chunk of this.#mail.open()) {
        if (this.destroyed) return null;
        if (chunk.byteLength === 0) continue;
        if (held !== null && !this.push(held)) await this.#untilRead();
        held = chunk;
      }
      return held;
    } catch {
      return 'unreadable';
    }
  }

  #untilRead(): Promise<void> {
    if (this.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }
}
