import type { RetrySchedule } from '#lib/settings/schemas.ts';

export type RetryDecision =
  | { readonly kind: 'retry'; readonly waitMs: number; readonly waitedMs: number }
  /** The next wait would end after the time that the project gives a mail. */
  | { readonly kind: 'give_up'; readonly reason: 'RETRY_TIME_SPENT' };

export interface RetryFacts {
  readonly schedule: RetrySchedule;
  /** Tries that ended in a temporary failure before this one. */
  readonly earlierTries: number;
  /** Sum of the waits planned so far: time in which the mail could be tried (PRODUCT 4.4). */
  readonly waitedMs: number;
}

/**
 * The wait before the next try. It grows by the schedule's factor up to its longest wait, and is moved by jitter so
 * that mails which failed together do not come back together. `random` is in [0, 1).
 */
export function decideRetry({ schedule, earlierTries, waitedMs }: RetryFacts, random: number): RetryDecision {
  const longestMs = schedule.maxWaitSeconds * 1000;
  const grownMs = schedule.firstWaitSeconds * 1000 * schedule.factor ** earlierTries;
  const plainMs = Math.min(grownMs, longestMs);
  const jitter = 1 + (schedule.jitterPercent / 100) * (2 * random - 1);
  const waitMs = Math.round(plainMs * jitter);
  const nextWaitedMs = waitedMs + waitMs;
  if (nextWaitedMs > schedule.giveUpAfterHours * 3_600_000)
    return { kind: 'give_up', reason: 'RETRY_TIME_SPENT' };
  return { kind: 'retry', waitMs, waitedMs: nextWaitedMs };
}
