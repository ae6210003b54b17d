import type { RetrySchedule } from '#lib/settings/schemas.ts';

export type RetryDecision =
  | { readonly kind: 'retry'; readonly waitMs: number }
  /** The next wait would end after the time that the project gives a mail. */
  | { readonly kind: 'give_up'; readonly reason: 'RETRY_TIME_SPENT' };

export interface RetryFacts {
  readonly schedule: RetrySchedule;
  /** Tries that ended in a temporary failure before this one. */
  readonly earlierTries: number;
  /** What the mail's clock shows: the time so far in which it could be tried (PRODUCT 4.4). */
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
  if (waitedMs + waitMs > schedule.giveUpAfterHours * 3_600_000)
    return { kind: 'give_up', reason: 'RETRY_TIME_SPENT' };
  return { kind: 'retry', waitMs };
}

/** A schedule is refused where it makes a mail come back more often than this. */
export const maxPlannedTries = 500;

/**
 * When a mail that keeps failing is tried again: ms on its clock after its first try, without jitter, each within the
 * time after which it is given up. `start` is where a mail stands already. At most one more than `maxPlannedTries`.
 */
export function planTries(
  schedule: RetrySchedule,
  start: { readonly earlierTries: number; readonly waitedMs: number } = { earlierTries: 0, waitedMs: 0 },
): readonly number[] {
  const tries: number[] = [];
  let { earlierTries, waitedMs } = start;
  while (tries.length <= maxPlannedTries) {
    const decision = decideRetry({ schedule, earlierTries, waitedMs }, 0.5);
    if (decision.kind === 'give_up') break;
    waitedMs += decision.waitMs;
    earlierTries += 1;
    tries.push(waitedMs);
  }
  return tries;
}
