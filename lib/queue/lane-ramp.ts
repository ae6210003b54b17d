import type { Clock } from '#lib/clock.ts';
import { climbed, connectionsAt } from '#lib/policy/slow-down.ts';
import { connectionFacts } from '#lib/settings/connection-facts.ts';
import type { LaneFacts } from './lease.ts';
import type { OpenTransport } from './transport-cache.ts';

/** Marks are set ahead of their turn by no more than this: a pause or a save must hold at the very next mail. */
const markAheadMs = 100;
const maxMarksAhead = 1000;
/** Mails are claimed ahead for about so long. */
const readyMs = 250;
/** The statements of a claim are the same few however many mails it takes. */
const maxClaim = 1000;
/** How much one more send moves the mean time of a send. */
const meanWeight = 0.2;
/** Unreachable so often in a row while other connections work means the server, not a limit on connections. */
const unreachableInRow = 3;

/** The part of its connections that a lane may use from now on, climbing back by this process' own clock. */
export function shareOf({ slowed }: LaneFacts, clock: Clock): () => number {
  const takenMs = clock.monotonicMs();
  return () => climbed(slowed.rateFactor, slowed.climbedMs + clock.monotonicMs() - takenMs);
}

/**
 * How much a lane may have under way: starts at one for a server that has not answered yet, grows with its answers,
 * and shrinks where it takes no more connections.
 */
export class LaneRamp {
  /** Sends under way at most, whatever the settings allow. */
  #limit = 1;
  #isFresh = true;
  /** Mean time of a send; a server that has not answered yet counts as slow. */
  #meanSendMs = Number.POSITIVE_INFINITY;
  #unreachable = 0;
  /** The lane waits for an answer that ends its wait: until then one mail at a time probes. */
  #isProbing: boolean;
  /** The part of its connections that a server which asked to slow down gets now (PRODUCT 5.11). */
  readonly #share: () => number;

  constructor(isProbing: boolean, share: () => number) {
    this.#isProbing = isProbing;
    this.#share = share;
  }

  /** Its server has not answered yet: one mail at a time tries it. */
  isTrying({ isProved }: OpenTransport): boolean {
    return !isProved || this.#isProbing;
  }

  /** Settings that mails were made ready by: a server that has answered before gets all its connections at once. */
  noteOpened({ document, isProved }: OpenTransport): void {
    const { maxConnections } = connectionFacts(document);
    this.#limit = isProved && this.#isFresh ? maxConnections : Math.min(this.#limit, maxConnections);
    this.#isFresh = false;
  }

  noteSendTime(sendMs: number): void {
    const known = Number.isFinite(this.#meanSendMs) ? this.#meanSendMs : sendMs;
    this.#meanSendMs = known + meanWeight * (sendMs - known);
  }

  /** The server answered about a mail. True when the lane waited for that. */
  noteReached(opened: OpenTransport): boolean {
    opened.isProved = true;
    this.#unreachable = 0;
    if (this.#limit < connectionFacts(opened.document).maxConnections) this.#limit += 1;
    const wasProbing = this.#isProbing;
    this.#isProbing = false;
    return wasProbing;
  }

  /** A server that takes some connections and refuses one more is at its limit, not out of reach. */
  isOnlyCrowded(inFlight: number): boolean {
    this.#unreachable += 1;
    if (inFlight <= 1 || this.#unreachable >= unreachableInRow) return false;
    this.#limit = Math.max(1, inFlight - 1);
    return true;
  }

  /** Sends that may be under way by these settings now. */
  ceiling(opened: OpenTransport): number {
    if (this.isTrying(opened)) return 1;
    const { maxConnections } = connectionFacts(opened.document);
    return Math.min(this.#limit, connectionsAt(maxConnections, this.#share()));
  }

  /** With fewer mails ready than this the next are claimed. */
  get lowWater(): number {
    return Math.max(2 * this.#limit, 20, Math.min(this.#sentWithin(readyMs), maxClaim));
  }

  /** Mails to claim at a time: few while the server is slow, so that an urgent one does not wait behind them. */
  get claimSize(): number {
    return Math.max(4 * this.#limit, 20, Math.min(this.#sentWithin(readyMs), maxClaim));
  }

  /**
   * How many of the mails that are ready should be marked, `marked` of them being so already: marks asked for together
   * share a commit. Only where the server answers quickly and a doubt may be resent: a mail held for a person must not
   * be in doubt for having waited its turn.
   */
  marksAhead(opened: OpenTransport, marked: number): number {
    if (this.isTrying(opened) || opened.document.sending.uncertain === 'hold') return 0;
    const ahead = Math.min(maxMarksAhead, this.#sentWithin(markAheadMs));
    // By halves: while the one is sent, the other is marked.
    return marked > Math.max(2 * this.#limit, ahead / 2) ? 0 : ahead;
  }

  #sentWithin(ms: number): number {
    return Math.floor((this.#limit * ms) / this.#meanSendMs);
  }
}
