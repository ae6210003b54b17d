/** How often one shape was seen within the hour: what Postgres knew at the last exchange, and what came here since. */
export class FloodCounter {
  #windowMs: number;
  #known = 0;
  #before = 0;
  /** Not told to Postgres yet. */
  #fresh = 0;

  constructor(nowMs: number) {
    this.#windowMs = windowOf(nowMs);
  }

  /** Mails of the hour that ends now: this window's, and the last one's for the part that still lies within it. */
  seen(nowMs: number): number {
    this.#roll(nowMs);
    const left = 1 - (nowMs - this.#windowMs) / windowLengthMs;
    return this.#known + this.#fresh + Math.floor(this.#before * Math.min(1, Math.max(0, left)));
  }

  add(mails: number, nowMs: number): void {
    this.#roll(nowMs);
    this.#fresh = Math.max(0, this.#fresh + mails);
  }

  get fresh(): number {
    return this.#fresh;
  }

  /** Postgres has taken `told` of the fresh ones and answers with everybody's. */
  learn(told: number, windowMs: number, mails: number, before: number): void {
    if (windowMs !== this.#windowMs) return;
    this.#fresh = Math.max(0, this.#fresh - told);
    this.#known = mails;
    this.#before = before;
  }

  #roll(nowMs: number): void {
    const windowMs = windowOf(nowMs);
    if (windowMs <= this.#windowMs) return;
    this.#before = windowMs - this.#windowMs === windowLengthMs ? this.#known + this.#fresh : 0;
    this.#known = 0;
    this.#fresh = 0;
    this.#windowMs = windowMs;
  }
}

export const windowLengthMs = 3_600_000;

export function windowOf(nowMs: number): number {
  return Math.floor(nowMs / windowLengthMs) * windowLengthMs;
}
