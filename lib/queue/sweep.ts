import { asWorker, type Database } from '#db/client.ts';

/** The lanes that somebody should drive: mail is due, nothing holds it, and no living lease is on the lane. */
export async function findIdleLanes(database: Database, limit: number): Promise<readonly string[]> {
  const { rows } = await asWorker(database, (tx) =>
    tx.query<{ id: string }>(
      `select l.id from mailroom.lanes l
       where l.stopped_at is null and (l.wait_until is null or l.wait_until <= mailroom.now())
         and (l.holder is null or l.lease_expires_at <= mailroom.now())
         and exists (
           select from mailroom.projects p cross join (values (0::smallint), (1::smallint), (2::smallint)) as v(priority)
           where p.lane_id = l.id and p.settings_version is not null and p.paused_at is null and p.archived_at is null
             and exists (
               select from mailroom.queue_entries q
               where q.project_id = p.id and q.priority = v.priority and q.due_at <= mailroom.now()
                 and q.attempt_id is null and (q.expires_at is null or q.expires_at > mailroom.now())))
       order by random() limit $1`,
      [limit],
    ),
  );
  return rows.map(({ id }) => id);
}
