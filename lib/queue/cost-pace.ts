import type { Clock } from '#lib/clock.ts';

/** What may grow dear takes at most this part of the time. */
const share = 1 / 20;

/**
 * How often something is done whose cost may grow, such as a walk over rows that a reader with an old snapshot keeps
 * from being cleaned away: at once while it is cheap, more seldom the longer it takes.
 */
export class CostPace {
  readonly #clock: Clock;
  readonly #longestGapMs: number;
  #dueMs = -Infinity;

  /** However dear it is, it is due again `longestGapMs` after it ended. */
  constructor(clock: Clock, longestGapMs: number) {
    this.#clock = clock;
    this.#longestGapMs = longestGapMs;
  }

  get isDue(): boolean {
    return this.#clock.monotonicMs() >= this.#dueMs;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const startedMs = this.#clock.monotonicMs();
    try {
      return await work();
    } finally {
      const endedMs = this.#clock.monotonicMs();
      this.#dueMs = endedMs + Math.min((endedMs - startedMs) / share, this.#longestGapMs);
    }
  }
}
