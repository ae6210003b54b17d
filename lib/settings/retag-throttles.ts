import { asOwner } from '#db/client.ts';
import type { Services } from '../context.ts';
import { documentOf } from './load-settings.ts';
import { throttleKeys } from './throttle-keys.ts';

/**
 * Writes the hash by which each Graph connection's throttle is known anew where the ring's oldest key has changed, so
 * that two projects still find that they share one (PRODUCT 2.13). Answers with how many.
 */
export function retagThrottles({ database, keyring }: Services): Promise<number> {
  return asOwner(database, async (tx) => {
    const { rows } = await tx.query<{ project_id: string; document: unknown; mailbox_key: Buffer }>(
      `select t.project_id, v.document, t.mailbox_key from mailroom.throttles t
       join mailroom.mail_settings_versions v on v.project_id = t.project_id and v.version = t.settings_version
       for update of t`,
    );
    let retagged = 0;
    for (const row of rows) {
      const connection = documentOf(row)?.connection;
      if (connection?.kind !== 'graph') continue;
      const { clientKey, mailboxKey } = throttleKeys(keyring, connection);
      if (mailboxKey.equals(row.mailbox_key)) continue;
      await tx.query(
        'update mailroom.throttles set client_key = $2, mailbox_key = $3 where project_id = $1',
        [row.project_id, clientKey, mailboxKey],
      );
      retagged += 1;
    }
    return retagged;
  });
}
