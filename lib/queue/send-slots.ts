import type { Clock } from '#lib/clock.ts';

/** A lane that sends: how much it has under way, and what to do when a place became free. */
export interface SlotUser {
  readonly inFlight: number;
  pump(): void;
}

interface Slot {
  readonly takenMs: number;
  isCounted: boolean;
}

/** A send that takes so long waits for a slow server; it costs a socket, and no longer a place. */
const agedMs = 3000;

/**
 * The places for sends of one worker. Lanes that want one while all are taken get freed places in turn, the lane
 * with the fewest sends first; slow sends stop counting, so that a hanging server never holds up another project.
 */
export class SendSlots {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #slots = new Set<Slot>();
  readonly #waiting = new Set<SlotUser>();
  #counted = 0;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  /** A place for one send, or null: then the user is pumped when it may ask again. */
  take(user: SlotUser): { release(): void } | null {
    const isCrowded = this.#waiting.size > (this.#waiting.has(user) ? 1 : 0);
    const share = Math.max(1, Math.floor(this.#max / (this.#waiting.size + 1)));
    const isGreedy = isCrowded && user.inFlight >= share;
    if (this.#counted >= this.#max || isGreedy || this.#slots.size >= this.#max * 8) {
      this.#waiting.add(user);
      return null;
    }
    this.#waiting.delete(user);
    const slot: Slot = { takenMs: this.#clock.monotonicMs(), isCounted: true };
    this.#slots.add(slot);
    this.#counted += 1;
    return { release: () => this.#release(slot) };
  }

  /** A lane that ends wants nothing any more. */
  forget(user: SlotUser): void {
    this.#waiting.delete(user);
    this.#wakeNext();
  }

  /** Called by a timer: sends that have become slow give their places to others. */
  age(): void {
    const oldestMs = this.#clock.monotonicMs() - agedMs;
    for (const slot of this.#slots) {
      if (slot.takenMs > oldestMs) break;
      if (slot.isCounted) this.#counted -= 1;
      slot.isCounted = false;
    }
    this.#wakeNext();
  }

  #release(slot: Slot): void {
    if (!this.#slots.delete(slot)) return;
    if (slot.isCounted) this.#counted -= 1;
    this.#wakeNext();
  }

  #wakeNext(): void {
    const byNeed = [...this.#waiting].toSorted((one, other) => one.inFlight - other.inFlight);
    for (const user of byNeed) {
      if (this.#counted >= this.#max) return;
      this.#waiting.delete(user);
      user.pump();
    }
  }
}
