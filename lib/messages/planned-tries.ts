import { decideRetry } from '../policy/decide-retry.ts';
import type { RetrySchedule } from '../settings/schemas.ts';

export interface TryPlan {
  /** ISO strings; the first is the next try. */
  readonly tries: readonly string[];
  /** The last of all tries, if every one fails for a while. */
  readonly giveUpAt: string;
}

const shownTries = 8;

/** When a waiting message will be tried, without the jitter: the ladder of its page. Pure. */
export function plannedTries(
  schedule: RetrySchedule,
  message: { readonly attemptCount: number; readonly waitedMs: number },
  dueAt: Date,
  now: Date,
): TryPlan {
  const tries: string[] = [];
  let atMs = Math.max(dueAt.getTime(), now.getTime());
  let { attemptCount, waitedMs } = message;
  for (let round = 0; round < 10_000; round += 1) {
    if (tries.length < shownTries) tries.push(new Date(atMs).toISOString());
    const decision = decideRetry({ schedule, earlierTries: attemptCount, waitedMs }, 0.5);
    if (decision.kind === 'give_up') break;
    atMs += decision.waitMs;
    waitedMs = decision.waitedMs;
    attemptCount += 1;
  }
  return { tries, giveUpAt: new Date(atMs).toISOString() };
}
