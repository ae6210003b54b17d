import type { Transaction } from '#db/client.ts';
import type { LimitWindow } from './limits-view.ts';

const looksBackDays = 7;

/**
 * How many mails are still to come until the window ends, by scope: the mean of what the last days brought from this
 * time of day on, by the hour. A scope without figures of such days is left out, as is a rolling window, which has no end.
 */
export async function expectLaterMails(
  tx: Transaction,
  scopeIds: readonly string[],
  { startsAt, endsAt }: LimitWindow,
): Promise<ReadonlyMap<string, number>> {
  if (endsAt === null) return new Map();
  const { rows } = await tx.query<{ scope_id: string; later: number }>(
    `select h.scope_id, (sum((h.mails + h.held) * s.share) / count(distinct d.ago))::int as later
     from mailroom.limit_usage_hours h
     cross join lateral (select ceil(extract(epoch from $2::timestamptz - h.hour) / 86400)::int as ago) d
     cross join lateral (select h.hour + d.ago * interval '24 hours' as today) t
     cross join lateral (
       select greatest(extract(epoch from
         least(t.today + interval '1 hour', $3::timestamptz) - greatest(t.today, mailroom.now())) / 3600, 0) as share
     ) s
     where h.scope_id = any ($1) and h.hour >= $2::timestamptz - $4 * interval '24 hours' and h.hour < $2
     group by h.scope_id`,
    [scopeIds, startsAt, endsAt, looksBackDays],
  );
  return new Map(rows.map(({ scope_id, later }) => [scope_id, later]));
}
