import { asDrain, type Database } from '#db/client.ts';

/** The lanes that somebody should drive: mail is due, nothing holds it, and no living lease is on the lane. */
export async function findIdleLanes(database: Database, limit: number): Promise<readonly string[]> {
  const { rows } = await asDrain(database, (tx) => tx.query<{ id: string }>(idleLanes, [limit]));
  return rows.map(({ id }) => id);
}

// First the lanes that nobody drives, then a look of its own for each of their projects, and for each priority where it
// has mail: planned as one join, the whole queue would be read, or all projects for each lane.
const idleLanes = `
with idle as materialized (
  select l.id, p.id as project_id
  from mailroom.lanes l join mailroom.projects p on p.lane_id = l.id
  where l.stopped_at is null and (l.wait_until is null or l.wait_until <= mailroom.now())
    and (l.holder is null or l.lease_expires_at <= mailroom.now())
    and p.settings_version is not null and p.paused_at is null and p.archived_at is null
), filled as materialized (
  select idle.* from idle
  cross join lateral (select from mailroom.queue_entries q where q.project_id = idle.project_id limit 1) queued
), due as (
  select distinct filled.id from filled
  cross join (values (0::smallint), (1::smallint), (2::smallint)) as v(priority)
  cross join lateral (
    select from mailroom.queue_entries q
    where q.project_id = filled.project_id and q.priority = v.priority and q.due_at <= mailroom.now()
      and q.attempt_id is null and (q.expires_at is null or q.expires_at > mailroom.now())
    limit 1
  ) first
)
select id from due order by random() limit $1`;
