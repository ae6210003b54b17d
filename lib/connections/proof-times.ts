const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A proof at a save is not followed by the daily one at once. */
const restMs = 60 * minuteMs;
/** What fails is tried again sooner, so that the page does not say so for a day after it works. */
const failedAgainMs = 60 * minuteMs;

/**
 * When a connection is proved next (PRODUCT 2.19): each project has its own minute of the day, by its id, so that the
 * proofs of an installation are spread over it. Pure.
 */
export function nextProofAt(projectId: string, now: Date, ok: boolean): Date {
  if (!ok) return new Date(now.getTime() + failedAgainMs);
  const ownMs =
    (Number.parseInt(projectId.replaceAll('-', '').slice(-8), 16) % (dayMs / minuteMs)) * minuteMs;
  const earliestMs = now.getTime() + restMs;
  const todayMs = Math.floor(earliestMs / dayMs) * dayMs + ownMs;
  return new Date(todayMs >= earliestMs ? todayMs : todayMs + dayMs);
}
