import { type Database, withTenant } from '#db/client.ts';

/**
 * A word that is another one as soon as anything has changed that a page of the organization shows: outcomes, accepted
 * mail, held mail and bulk runs, states of lanes and projects, changes by people, workers that come and go. Reads a few small rows only, never
 * the queue.
 */
export async function readChangeToken(database: Database, organizationId: string): Promise<string> {
  return withTenant(database, { organizationId, userId: null }, async (tx) => {
    const { rows } = await tx.query<{ token: string }>(`
      select concat_ws(' ',
        (select sum(sent + failed + held + captured + expired + uncertain + retried)
          from mailroom.delivery_counters
          where organization_id = mailroom.current_organization() and hour > mailroom.now() - interval '2 hours'),
        (select string_agg(concat_ws(',', id, wake_seq, stopped_at, wait_kind, wait_until, active_endpoint,
            both_down_since, primary_up_since), ';' order by id)
          from mailroom.lanes),
        (select string_agg(concat_ws(',', id, name, settings_version, paused_at, archived_at), ';' order by id)
          from mailroom.projects),
        (select string_agg(concat_ws(',', project_id, settings_version, ok), ';' order by project_id)
          from mailroom.connection_proofs),
        (select concat_ws(',', count(*), max(id)) from mailroom.held_counts
          where organization_id = mailroom.current_organization()),
        (select string_agg(concat_ws(',', id, state, done, skipped), ';' order by id) from (
          select id, state, done, skipped from mailroom.bulk_runs
          where organization_id = mailroom.current_organization() order by id desc limit 10) as run),
        (select id from mailroom.audit_entries
          where organization_id = mailroom.current_organization() order by id desc limit 1),
        (select string_agg(id || (beat_at > mailroom.now() - interval '5 seconds')::text, ',' order by id)
          from mailroom.workers
          where stopped_at is null and lost_at is null and beat_at > mailroom.now() - interval '8 seconds'),
        (select sending_stopped_at from mailroom.installation)
      ) as token`);
    return rows[0]?.token ?? '';
  });
}
