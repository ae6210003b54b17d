import { asWorker } from '#db/client.ts';
import type { Services } from '../context.ts';

/**
 * Destroys tokens that the current settings no longer name, once no mail on its way uses an earlier version, and
 * forgets consents that nobody finished; for the worker's timer. A minute of grace covers a worker that has read the
 * version before but not its tokens yet.
 */
export async function destroySupersededTokens({ database }: Services): Promise<number> {
  return asWorker(database, async (tx) => {
    await tx.query(
      `delete from mailroom.oauth_consents where expires_at < mailroom.now() - interval '1 day'`,
    );
    const { rowCount } = await tx.query(
      `update mailroom.oauth_grants g set sealed = null, key_id = null, renew_at = null, access_expires_at = null,
         refresh_count = g.refresh_count + 1
       from mailroom.projects p
       where p.id = g.project_id and g.sealed is not null
         and not exists (
           select from mailroom.mail_settings_versions v
           where v.project_id = p.id and (
             (v.version = p.settings_version
               and v.document #>> '{connection,authentication,consent,grantId}' = g.id::text)
             or v.created_at > mailroom.now() - interval '1 minute'
           )
         )
         and not exists (
           select from mailroom.queue_entries q
           where q.project_id = p.id and q.attempt_id is not null
             and q.settings_version is distinct from p.settings_version
         )`,
    );
    return rowCount ?? 0;
  });
}
