import { asWorker, type Database } from '#db/client.ts';

/**
 * Destroys secrets that no current settings name, once no started mail goes by a version that does (PRODUCT 2.18).
 * The row stays, so that the history still says that there was one.
 */
export async function destroySupersededSecrets(database: Database): Promise<number> {
  const { rowCount } = await asWorker(database, (tx) =>
    tx.query(
      `update mailroom.secrets s set sealed = null, destroyed_at = mailroom.now()
       where s.sealed is not null and s.created_at < mailroom.now() - interval '1 minute'
         and not exists (
           select from mailroom.projects p
           join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
           where p.id = s.project_id and v.document::text like '%' || s.id::text || '%')
         and not exists (
           select from mailroom.queue_entries q
           join mailroom.mail_settings_versions v on v.project_id = q.project_id and v.version = q.settings_version
           where q.project_id = s.project_id and q.attempt_id is not null
             and v.document::text like '%' || s.id::text || '%')`,
    ),
  );
  return rowCount ?? 0;
}
