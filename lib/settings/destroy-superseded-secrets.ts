import { asWorker } from '#db/client.ts';
import type { Services } from '../context.ts';
import { secretPurposes } from './field-rule.ts';
import { secretPaths } from './fields.ts';

/**
 * Destroys sealed secrets that the current settings no longer name, once no mail on its way uses an earlier version
 * (PRODUCT 2.18); for the worker's timer. A minute of grace covers a worker that has read the version before but not
 * its secrets yet. Answers with how many.
 */
export async function destroySupersededSecrets(services: Services): Promise<number> {
  const paths = secretPurposes.map(
    (purpose) => `{${[...secretPaths[purpose].split('.'), 'secretId'].join(',')}}`,
  );
  const isNamed = paths.map((path) => `v.document #>> '${path}' = s.id::text`).join(' or ');
  const { rowCount } = await asWorker(services.database, (tx) =>
    tx.query(
      `update mailroom.secrets s set sealed = null, destroyed_at = mailroom.now()
       from mailroom.projects p
       where p.id = s.project_id and s.sealed is not null
         and s.created_at < mailroom.now() - interval '1 minute'
         and not exists (
           select from mailroom.mail_settings_versions v
           where v.project_id = p.id and (
             (v.version = p.settings_version and (${isNamed})) or v.created_at > mailroom.now() - interval '1 minute'
           )
         )
         and not exists (
           select from mailroom.queue_entries q
           where q.project_id = p.id and q.attempt_id is not null
             and q.settings_version is distinct from p.settings_version
         )`,
    ),
  );
  return rowCount ?? 0;
}
