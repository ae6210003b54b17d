import type { Clock } from '#lib/clock.ts';
import { ClaimCursor } from './claim-cursor.ts';
import { CostPace } from './cost-pace.ts';

const lookAgainGapMs = 250;
/** Mail that lies before the places that were reached is found by then, whatever that costs. */
const longestGapMs = 2000;
/** Lanes whose places are remembered beyond their drain. */
const mostRemembered = 1000;

/**
 * How far a lane's queue has been read. Going back to its start walks over every row that ended meanwhile and could
 * not be cleaned away yet, so that is done as often as it is cheap; between, what became due lately is looked at again.
 */
export class LanePlaces {
  readonly #clock: Clock;
  readonly #cursors = new Map<string, ClaimCursor>();
  readonly #fromStart: CostPace;
  #isLookingBack = false;
  #wantsLook = false;
  #lastLookMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#fromStart = new CostPace(clock, longestGapMs);
  }

  cursorOf(projectId: string): ClaimCursor {
    const known = this.#cursors.get(projectId);
    if (known !== undefined) return known;
    const cursor = new ClaimCursor();
    this.#cursors.set(projectId, cursor);
    return cursor;
  }

  /** Mail may have come before the places that were reached. */
  wantLook(): void {
    this.#wantsLook = true;
  }

  /** Reads a batch on from the places that were reached, or from further back where that was asked for. */
  async read<T>(claim: () => Promise<T>): Promise<T> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#wantsLook && nowMs - this.#lastLookMs >= lookAgainGapMs) this.#goBack();
    return this.#isAtStart ? await this.#fromStart.run(claim) : await claim();
  }

  /**
   * A batch was read and nothing was in it. True where nothing is due: a look from the start has said so, or, while
   * that is dear, one at what became due lately; the sweep then finds the rest. False: what comes next is read from
   * further back, for that was not looked at yet, or mail came meanwhile.
   */
  noteEmpty(): boolean {
    const isOver = this.#isAtStart || (this.#isLookingBack && !this.#fromStart.isDue);
    if (isOver && !this.#wantsLook) return true;
    this.#goBack();
    return false;
  }

  noteFound(): void {
    this.#isLookingBack = false;
  }

  get #isAtStart(): boolean {
    return [...this.#cursors.values()].every((cursor) => cursor.isAtStart);
  }

  #goBack(): void {
    this.#wantsLook = false;
    this.#lastLookMs = this.#clock.monotonicMs();
    this.#isLookingBack = !this.#fromStart.isDue;
    for (const cursor of this.#cursors.values()) {
      if (this.#isLookingBack) cursor.lookBack();
      else cursor.reset();
    }
  }
}

/** The places of lanes that were read to their end, for the drain that comes next in this worker. */
export class PlacesOfLanes {
  readonly #clock: Clock;
  readonly #known = new Map<string, LanePlaces>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(laneId: string): LanePlaces {
    const places = this.#known.get(laneId) ?? new LanePlaces(this.#clock);
    this.#known.delete(laneId);
    places.wantLook();
    return places;
  }

  /** Only where nothing was in hand any more: what was given back lies before the places that were reached. */
  keep(laneId: string, places: LanePlaces): void {
    this.#known.set(laneId, places);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostRemembered && oldest !== undefined) this.#known.delete(oldest);
  }
}
