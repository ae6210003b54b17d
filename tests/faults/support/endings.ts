/** What is to be ended, the last first. Each is ended once, whatever happens to the others. */
export class Endings {
  readonly #ends: (() => Promise<unknown>)[] = [];

  add(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  /** Ends everything; resolves with what went wrong meanwhile. */
  async run(): Promise<readonly unknown[]> {
    const faults: unknown[] = [];
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      await end().catch((error: unknown) => faults.push(error));
    }
    return faults;
  }
}
