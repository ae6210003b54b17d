import { maxMailBytes } from './settings.ts';

interface Waiting {
  readonly bytes: number;
  readonly start: () => void;
}

/**
 * Large mails lie in memory whole while they go out: those of all mailboxes of one process share as much as the largest
 * mail takes. They wait in their order, and one that must wait lets smaller ones behind it wait too.
 */
export class LargeMails {
  readonly #maxBytes: number;
  readonly #line: Waiting[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Runs the work when there is room for its bytes; null where the signal ends the wait before. */
  async within<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T | null> {
    // What is larger than all the room has it alone.
    const held = Math.min(bytes, this.#maxBytes);
    if (!(await this.#takeRoom(held, signal))) return null;
    try {
      return await work();
    } finally {
      this.#bytes -= held;
      this.#letIn();
    }
  }

  #takeRoom(bytes: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#line.length === 0 && this.#bytes + bytes <= this.#maxBytes) {
      this.#bytes += bytes;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        resolve(false);
        this.#letIn();
      };
      const waiting: Waiting = {
        bytes,
        start: () => {
          signal.removeEventListener('abort', onAbort);
          this.#bytes += bytes;
          resolve(true);
        },
      };
      this.#line.push(waiting);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #letIn(): void {
    for (let next = this.#line[0]; next !== undefined; next = this.#line[0]) {
      if (this.#bytes + next.bytes > this.#maxBytes) return;
      this.#line.shift();
      next.start();
    }
  }
}

/** Those of this process. */
export const largeMails = new LargeMails(maxMailBytes);
