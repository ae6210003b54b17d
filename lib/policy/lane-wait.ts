/** Waits of a lane whose server cannot be reached, in seconds; the last one repeats. */
const unreachableSeconds = [1, 2, 5, 10, 20, 30, 60, 120, 300];
/** Waits of a lane whose server asks to slow down without saying for how long. */
const throttledSeconds = [5, 10, 20, 40, 80, 160, 300];
const longestAskedMs = 24 * 3_600_000;

export type LaneWaitKind = 'unreachable' | 'throttled';

/**
 * How long a lane waits before its next probe mail. A wait that the server names is obeyed exactly; others grow with
 * the failures in a row, `failureCount` counting this one, and vary by a tenth so that lanes do not knock in step. A
 * server that refuses and names no time at all (`Retry-After: 0`, a date gone by) is not stormed.
 */
export function laneWaitMs(
  kind: LaneWaitKind,
  failureCount: number,
  facts: { readonly askedMs: number | null; readonly random: number },
): number {
  const { askedMs } = facts;
  if (askedMs !== null && askedMs > 0) return Math.min(askedMs, longestAskedMs);
  const waits = kind === 'unreachable' ? unreachableSeconds : throttledSeconds;
  const seconds = waits[Math.min(Math.max(failureCount, 1), waits.length) - 1] ?? 300;
  return Math.round(seconds * 1000 * (0.9 + 0.2 * facts.random));
}
