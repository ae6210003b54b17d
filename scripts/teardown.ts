/** What has been opened so far, ended in the opposite order. */
export class Teardown {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  get isNeeded(): boolean {
    return this.#steps.length > 0;
  }

  /** Ends everything; one step's fault keeps no other from its turn. Returns the faults. */
  async run(): Promise<unknown[]> {
    const faults: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        faults.push(error);
      }
    }
    return faults;
  }
}
