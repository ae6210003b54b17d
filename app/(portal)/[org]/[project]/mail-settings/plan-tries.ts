import type { RetrySchedule } from '#lib/settings/schemas.ts';

/**
 * When a mail that keeps failing is tried again, in ms after its first try and without jitter. The last one lies
 * within the time after which it is given up. Pure.
 */
export function planTries(schedule: Omit<RetrySchedule, 'jitterPercent'>): number[] {
  const endMs = schedule.giveUpAfterHours * 3_600_000;
  const tries: number[] = [];
  let waitMs = schedule.firstWaitSeconds * 1000;
  for (let atMs = waitMs; atMs <= endMs; atMs += waitMs) {
    tries.push(atMs);
    waitMs = Math.min(waitMs * schedule.factor, schedule.maxWaitSeconds * 1000);
  }
  return tries;
}
