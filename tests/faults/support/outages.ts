/** A span of wall-clock time, in ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** By when the mails of a worker that died or was stopped move again (PRODUCT 4.8). */
const takeOverMs = 15_000;
/** A worker that comes when none is left judges the dead after a lease of its own beats, and a moment. */
const judgesAfterMs = 10_000;

/** Times in which nobody could have sent: no worker lived, the one that held the lane was dead, or the database away. */
export class Outages {
  readonly #windows: { readonly fromMs: number; toMs: number }[] = [];
  #living = 0;
  #someoneCame: ((graceMs: number) => void) | null = null;
  #lastDeathMs = -Infinity;

  /** Until a worker comes, none lives: said where a room has none of its own from the start. */
  expectWorker(): void {
    this.#someoneCame = this.#begin();
  }

  workerCame(): void {
    this.#living += 1;
    const hasDead = Date.now() - this.#lastDeathMs < 2 * takeOverMs;
    this.#someoneCame?.(hasDead ? judgesAfterMs : 0);
    this.#someoneCame = null;
  }

  /** It gave its lanes back. */
  workerLeft(): void {
    this.#living -= 1;
    if (this.#living === 0) this.#someoneCame ??= this.#begin();
  }

  /** It was killed or stands still: whatever its lanes held waits for another worker from now on. */
  workerDied(): void {
    this.#lastDeathMs = Date.now();
    this.#begin()(takeOverMs);
    this.workerLeft();
  }

  /** From now on until what comes back is called. */
  begin(): () => void {
    const end = this.#begin();
    return () => end(0);
  }

  #begin(): (graceMs: number) => void {
    const window = { fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY };
    this.#windows.push(window);
    return (graceMs) => {
      window.toMs = Date.now() + graceMs;
    };
  }

  /** How much of a span was not an outage, in ms. */
  outside({ fromMs, toMs }: Span): number {
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
