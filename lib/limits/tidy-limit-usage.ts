import { asWorker, type Database } from '#db/client.ts';

const batchSize = 5000;

/**
 * Keeps the use of limits small, in batches that hold no lock for long: minutes of which no window and no forecast asks
 * any more become quarters of an hour, which every time zone's days are made of; after 40 days they are forgotten.
 */
export async function tidyLimitUsage(database: Database): Promise<void> {
  await repeat(database, forgetOld);
  await repeat(database, foldMinutes);
  await repeat(database, forgetHours);
}

async function repeat(database: Database, statement: string): Promise<void> {
  for (;;) {
    const { rows } = await asWorker(database, (tx) => tx.query<{ taken: number }>(statement, [batchSize]));
    if ((rows[0]?.taken ?? 0) < batchSize) return;
  }
}

const forgetOld = `
with old as materialized (
  select o.* from mailroom.limit_scopes s cross join lateral (
    select u.scope_id, u.minute, u.slot from mailroom.limit_usage u
    where u.scope_id = s.id and u.minute < mailroom.now() - interval '40 days' limit $1
  ) o limit $1
), gone as (
  delete from mailroom.limit_usage u using old
  where u.scope_id = old.scope_id and u.minute = old.minute and u.slot = old.slot
)
select count(*)::int as taken from old`;

const forgetHours = `
with old as materialized (
  select o.* from mailroom.limit_scopes s cross join lateral (
    select h.scope_id, h.hour, h.slot from mailroom.limit_usage_hours h
    where h.scope_id = s.id and (h.hour < mailroom.now() - interval '41 days'
      or (h.hour < mailroom.now() - interval '4 days' and h.mails = 0 and h.held = 0)) limit $1
  ) o limit $1
), gone as (
  delete from mailroom.limit_usage_hours h using old
  where h.scope_id = old.scope_id and h.hour = old.hour and h.slot = old.slot
)
select count(*)::int as taken from old`;

// Looks two days back from where it begins: what a worker that was away for longer leaves is only larger.
const foldMinutes = `
with old as materialized (
  select o.* from mailroom.limit_scopes s cross join lateral (
    select u.scope_id, u.minute, u.slot, date_bin('15 minutes', u.minute, 'epoch') as quarter
    from mailroom.limit_usage u
    where u.scope_id = s.id and u.minute < mailroom.now() - interval '3 days'
      and u.minute >= mailroom.now() - interval '5 days'
      and (u.slot <> 0 or u.minute <> date_bin('15 minutes', u.minute, 'epoch'))
    limit $1
  ) o limit $1
), gone as (
  delete from mailroom.limit_usage u using old
  where u.scope_id = old.scope_id and u.minute = old.minute and u.slot = old.slot
  returning u.*, old.quarter
), put as (
  insert into mailroom.limit_usage as kept
    (scope_id, minute, slot, organization_id, mails, high_mails, passed, held, largest)
  select scope_id, quarter, 0, organization_id, sum(mails), sum(high_mails), sum(passed), sum(held), max(largest)
  from gone group by scope_id, quarter, organization_id order by scope_id, quarter
  on conflict (scope_id, minute, slot) do update set mails = kept.mails + excluded.mails,
    high_mails = kept.high_mails + excluded.high_mails, passed = kept.passed + excluded.passed,
    held = kept.held + excluded.held, largest = greatest(kept.largest, excluded.largest)
)
select count(*)::int as taken from old`;
