import { planTries } from '../policy/decide-retry.ts';
import type { RetrySchedule } from '../settings/schemas.ts';

export interface TryPlan {
  /** ISO strings; the first is the next try. */
  readonly tries: readonly string[];
  /** The last of all tries, if every one fails for a while. */
  readonly giveUpAt: string;
}

const shownTries = 8;

/**
 * When a waiting message will be tried, without the jitter: the ladder of its page. `waitedMs` is what its clock will
 * show at `dueAt`. Pure.
 */
export function plannedTries(
  schedule: RetrySchedule,
  message: { readonly attemptCount: number; readonly waitedMs: number },
  dueAt: Date,
  now: Date,
): TryPlan {
  const { attemptCount: earlierTries, waitedMs } = message;
  const firstMs = Math.max(dueAt.getTime(), now.getTime());
  const timesMs = [
    firstMs,
    ...planTries(schedule, { earlierTries, waitedMs }).map((ms) => firstMs + ms - waitedMs),
  ];
  return {
    tries: timesMs.slice(0, shownTries).map((ms) => new Date(ms).toISOString()),
    giveUpAt: new Date(timesMs.at(-1) ?? firstMs).toISOString(),
  };
}
