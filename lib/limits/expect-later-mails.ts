import type { Transaction } from '#db/client.ts';
import type { LimitWindow } from './limits-view.ts';

const looksBackDays = 7;

/**
 * How many mails are still to come until the window ends, by scope: the mean of what the last days brought from this
 * time of day on. A scope without figures of such days is left out, as is a rolling window, which has no end.
 */
export async function expectLaterMails(
  tx: Transaction,
  scopeIds: readonly string[],
  { startsAt, endsAt }: LimitWindow,
): Promise<ReadonlyMap<string, number>> {
  if (endsAt === null) return new Map();
  const { rows } = await tx.query<{ scope_id: string; later: number }>(
    `select u.scope_id, (
       coalesce(sum(u.mails + u.held) filter (where u.minute + d.ago * interval '1 day' >= mailroom.now()), 0)
         / count(distinct d.ago)
     )::int as later
     from mailroom.limit_usage u
     cross join lateral (
       select ceil(extract(epoch from $2::timestamptz - u.minute) / 86400)::int as ago
     ) d
     where u.scope_id = any ($1) and u.minute >= $2::timestamptz - $4 * interval '1 day' and u.minute < $2
       and u.minute + d.ago * interval '1 day' < $3
     group by u.scope_id`,
    [scopeIds, startsAt, endsAt, looksBackDays],
  );
  return new Map(rows.map(({ scope_id, later }) => [scope_id, later]));
}
