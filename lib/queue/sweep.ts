import { asWorker, type Database } from '#db/client.ts';

/** The lanes that somebody should drive: mail is due, nothing holds it, and no living lease is on the lane. */
export async function findIdleLanes(database: Database, limit: number): Promise<readonly string[]> {
  const { rows } = await asWorker(database, (tx) =>
    tx.query<{ id: string }>(
      // A look of its own for each project, and for each priority where it has mail: planned as one join, the whole queue
      // would be read.
      `select l.id from mailroom.lanes l
       where l.stopped_at is null and (l.wait_until is null or l.wait_until <= mailroom.now())
         and (l.holder is null or l.lease_expires_at <= mailroom.now())
         and exists (
           select from mailroom.projects p
           cross join lateral (select from mailroom.queue_entries q where q.project_id = p.id limit 1) queued
           cross join (values (0::smallint), (1::smallint), (2::smallint)) as v(priority)
           cross join lateral (
             select from mailroom.queue_entries q
             where q.project_id = p.id and q.priority = v.priority and q.due_at <= mailroom.now()
               and q.attempt_id is null and (q.expires_at is null or q.expires_at > mailroom.now())
             limit 1
           ) due
           where p.lane_id = l.id and p.settings_version is not null and p.paused_at is null and p.archived_at is null)
       order by random() limit $1`,
      [limit],
    ),
  );
  return rows.map(({ id }) => id);
}
