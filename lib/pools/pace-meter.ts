import type { Clock } from '#lib/clock.ts';

const spanMs = 1_000;

/** How many mails a paced lane lets go in a second: it takes no more into its hand than it soon needs. */
export class PaceMeter {
  readonly #clock: Clock;
  #sinceMs: number;
  #count = 0;
  #perSecond = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  note(): void {
    this.#roll();
    this.#count += 1;
  }

  /** Mails to have in hand: those of two seconds, and two at least. */
  get handful(): number {
    this.#roll();
    return 2 + 2 * Math.max(this.#perSecond, this.#count);
  }

  #roll(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#sinceMs < spanMs) return;
    this.#perSecond = nowMs - this.#sinceMs < 2 * spanMs ? this.#count : 0;
    this.#count = 0;
    this.#sinceMs = nowMs;
  }
}
