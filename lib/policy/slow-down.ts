import { laneWaitMs } from './lane-wait.ts';

/** How the provider has slowed a pool down (PRODUCT 5.11). Times in ms of the database's clock. */
export interface SlowState {
  /** The part of its rates that was let through right after `slowedMs`. */
  readonly rateFactor: number;
  readonly slowedMs: number | null;
  /** Slow-downs in a row. */
  readonly slowCount: number;
  readonly stoppedUntilMs: number | null;
}

const leastFactor = 0.1;
/** Several connections hear the same refusal within a moment: it counts once. */
const sameEventMs = 5_000;
const forgottenAfterMs = 15 * 60_000;
const climbPerMinute = 0.05;

/** What the pool lets through now: it climbs by a twentieth a minute from the end of the stop. Pure. */
export function rateFactorAt(state: SlowState, nowMs: number): number {
  if (state.slowedMs === null) return 1;
  const climbsSinceMs = Math.max(state.slowedMs, state.stoppedUntilMs ?? 0);
  return climbed(state.rateFactor, nowMs - climbsSinceMs);
}

/** What is let through so long after the end of the stop. Pure. */
export function climbed(rateFactor: number, sinceStopMs: number): number {
  return Math.min(1, rateFactor + (climbPerMinute * Math.max(0, sinceStopMs)) / 60_000);
}

/** When everything is let through again, in ms; to be asked of a state that was slowed only. */
export function fullRateAtMs(state: SlowState): number {
  const climbsSinceMs = Math.max(state.slowedMs ?? 0, state.stoppedUntilMs ?? 0);
  return climbsSinceMs + ((1 - state.rateFactor) / climbPerMinute) * 60_000;
}

/** How many of its connections a server without a pool gets: a part of them, at least one. */
export function connectionsAt(maxConnections: number, rateFactor: number): number {
  return Math.max(1, Math.floor(maxConnections * rateFactor));
}

/** The answer to a refusal that concerns the whole pool: half the rate, and a stop for the time stated or learned. */
export function slowDown(
  state: SlowState,
  nowMs: number,
  facts: { readonly askedMs: number | null; readonly random: number },
): SlowState {
  const sinceMs = state.slowedMs === null ? Infinity : nowMs - state.slowedMs;
  const isSame = sinceMs < sameEventMs;
  const slowCount = isSame ? state.slowCount : sinceMs > forgottenAfterMs ? 1 : state.slowCount + 1;
  const waitMs = laneWaitMs('throttled', slowCount, facts);
  const factor = rateFactorAt(state, nowMs);
  return {
    rateFactor: isSame ? state.rateFactor : Math.max(leastFactor, factor / 2),
    slowedMs: isSame ? state.slowedMs : nowMs,
    slowCount,
    stoppedUntilMs: Math.max(state.stoppedUntilMs ?? 0, nowMs + waitMs),
  };
}
