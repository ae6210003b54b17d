/** Times in which nobody could have sent: the worker that held the lane was dead, or the database away. */
export class Outages {
  readonly #windows: { readonly fromMs: number; toMs: number }[] = [];

  /** From now on for so long. */
  note(lengthMs: number): void {
    const fromMs = Date.now();
    this.#windows.push({ fromMs, toMs: fromMs + lengthMs });
  }

  /** From now on until what comes back is called, and `graceMs` beyond. */
  begin(graceMs: number): () => void {
    const window = { fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY };
    this.#windows.push(window);
    return () => {
      window.toMs = Date.now() + graceMs;
    };
  }

  /** How much of a span was not an outage, in ms. */
  outside(fromMs: number, toMs: number): number {
    let left = toMs - fromMs;
    let countedTo = fromMs;
    for (const window of this.#windows.toSorted((a, b) => a.fromMs - b.fromMs)) {
      const start = Math.max(window.fromMs, countedTo);
      const end = Math.min(window.toMs, toMs);
      if (end <= start) continue;
      left -= end - start;
      countedTo = end;
    }
    return left;
  }
}
