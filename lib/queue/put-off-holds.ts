import type { Clock } from '#lib/clock.ts';

/** So long after a limit was met the lanes that share it may still send what it has let go. */
const momentMs = 1000;

interface Waiting {
  readonly dueMs: number;
  readonly begin: () => void;
}

/**
 * Moving mail into the backlog takes as much of the database as sending it, and nobody waits for it: it begins a moment
 * after the limit was met.
 */
export class PutOffHolds {
  readonly #clock: Clock;
  readonly #metMs = new Map<string, number>();
  #waiting: readonly Waiting[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves a moment after this was asked first of the same limit, or when the drain ends. */
  turn(limit: string): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const metMs = this.#metMs.get(limit) ?? nowMs;
    this.#metMs.set(limit, metMs);
    const dueMs = metMs + momentMs;
    if (dueMs <= nowMs) return Promise.resolve();
    return new Promise((begin) => {
      this.#waiting = [...this.#waiting, { dueMs, begin }];
    });
  }

  /** Called by a timer, and when the drain ends. */
  note(isEnding: boolean): void {
    if (this.#waiting.length === 0) return;
    const nowMs = this.#clock.monotonicMs();
    const isDue = ({ dueMs }: Waiting): boolean => isEnding || dueMs <= nowMs;
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.filter((one) => !isDue(one));
    for (const { begin } of due) begin();
  }
}
