/** What is to be ended, the last first. Each is ended once, whatever happens to the others. */
export class Endings {
  readonly #ends: (() => Promise<unknown>)[] = [];
  #isOver = false;

  add(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  get hasMore(): boolean {
    return this.#ends.length > 0;
  }

  /** Whether the end has begun. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends everything; resolves with what went wrong meanwhile. */
  async run(): Promise<readonly unknown[]> {
    this.#isOver = true;
    const faults: unknown[] = [];
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      await end().catch((error: unknown) => faults.push(error));
    }
    return faults;
  }
}
