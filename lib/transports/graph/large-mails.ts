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

  /** Runs the work when there is room for its bytes; what is larger than all the room has it alone. */
  async within<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const held = Math.min(bytes, this.#maxBytes);
    if (this.#line.length > 0 || this.#bytes + held > this.#maxBytes) {
      await new Promise<void>((start) => this.#line.push({ bytes: held, start }));
    } else {
      this.#bytes += held;
    }
    try {
      return await work();
    } finally {
      this.#bytes -= held;
      this.#letIn();
    }
  }

  #letIn(): void {
    for (let next = this.#line[0]; next !== undefined; next = this.#line[0]) {
      if (this.#bytes + next.bytes > this.#maxBytes) return;
      this.#line.shift();
      this.#bytes += next.bytes;
      next.start();
    }
  }
}

/** Those of this process. */
export const largeMails = new LargeMails(maxMailBytes);
