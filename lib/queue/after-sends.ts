import type { Clock } from '#lib/clock.ts';

/** Work is not put off for longer. */
const longestMs = 1000;

interface PutOff {
  readonly sinceMs: number;
  readonly begin: () => void;
}

/** Work that competes with sends for the database, and waits for a moment until those that are ready have gone. */
export class AfterSends {
  readonly #clock: Clock;
  #putOff: PutOff[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when nothing is ready or on its way any more, at most a second from now. */
  turn(): Promise<void> {
    return new Promise((begin) => this.#putOff.push({ sinceMs: this.#clock.monotonicMs(), begin }));
  }

  /** Called whenever a send has ended, and by a timer. */
  note(isQuiet: boolean): void {
    if (this.#putOff.length === 0) return;
    const oldestMs = this.#clock.monotonicMs() - longestMs;
    const isDue = ({ sinceMs }: PutOff): boolean => isQuiet || sinceMs <= oldestMs;
    const due = this.#putOff.filter(isDue);
    this.#putOff = this.#putOff.filter((work) => !isDue(work));
    for (const { begin } of due) begin();
  }
}
