import type { Transaction } from '#db/client.ts';
import type { LimitWindow } from '../limits/limits-view.ts';

const looksBackDays = 7;
/** One day is not the measure of another beyond this: a burst of the morning does not last. */
const mostFactor = 4;

/**
 * How many mails of a project are still to come until the window ends, at today's pace: what the last days brought from
 * this time of day on, by the hour, times what today has brought so far against what they had by now. Null without
 * figures of such days, and for a rolling window, which has no end.
 */
export async function expectComing(
  tx: Transaction,
  projectId: string,
  { startsAt, endsAt }: LimitWindow,
): Promise<number | null> {
  if (endsAt === null) return null;
  const { rows } = await tx.query<{ days: number; later: number; before: number; today: number }>(
    `with own as (
       select h.hour, h.mails + h.held as mails, ceil(extract(epoch from $2::timestamptz - h.hour) / 86400)::int as ago
       from mailroom.limit_scopes s join mailroom.limit_usage_hours h on h.scope_id = s.id
       where s.project_id = $1 and h.hour >= $2::timestamptz - $4 * interval '24 hours'
     ), then_now as (
       select o.mails, o.ago, greatest(extract(epoch from
           least(t.today + interval '1 hour', $3::timestamptz) - greatest(t.today, mailroom.now())) / 3600, 0) as later
       from own o cross join lateral (select o.hour + o.ago * interval '24 hours' as today) t
       where o.hour < $2
     )
     select count(distinct ago)::int as days, coalesce(sum(mails * later), 0)::float8 as later,
       coalesce(sum(mails * (1 - later)), 0)::float8 as before,
       (select coalesce(sum(mails), 0) from own where hour >= $2)::float8 as today
     from then_now`,
    [projectId, startsAt, endsAt, looksBackDays],
  );
  const [row] = rows;
  if (row === undefined || row.days === 0) return null;
  const usual = row.before / row.days;
  const factor = usual === 0 ? 1 : Math.min(mostFactor, Math.max(1 / mostFactor, row.today / usual));
  return Math.round((row.later / row.days) * factor);
}
