import { asOwner, type Database, type Transaction } from '#db/client.ts';
import { newId } from '#lib/ids.ts';

/** Why nothing is sent at all (PRODUCT 4.12). */
export type StopReason = 'database_changed' | 'marked_restored';

export interface ClusterIdentity {
  readonly systemIdentifier: string;
  readonly timeline: number;
}

/**
 * Compares the cluster with what it was. A copy restored from a backup runs under another system identifier or on
 * another timeline; sending then stops until a person has looked, or everything queued would go out again.
 */
export function checkInstallation(database: Database): Promise<{ readonly stopped: StopReason | null }> {
  return asOwner(database, async (tx) => {
    const identity = await readCluster(tx);
    await tx.query(
      `insert into mailroom.installation (system_identifier, timeline, restore_marker) values ($1, $2, $3)
       on conflict (singleton) do nothing`,
      [identity.systemIdentifier, identity.timeline, newId()],
    );
    const { rows } = await tx.query<{ sending_stopped_reason: StopReason | null }>(
      `update mailroom.installation set checked_at = mailroom.now(),
         sending_stopped_reason = case when sending_stopped_at is not null then sending_stopped_reason
           when system_identifier <> $1 or timeline <> $2 then 'database_changed' end,
         sending_stopped_at = case when sending_stopped_at is not null then sending_stopped_at
           when system_identifier <> $1 or timeline <> $2 then mailroom.now() end
       returning sending_stopped_reason`,
      [identity.systemIdentifier, identity.timeline],
    );
    return { stopped: rows[0]?.sending_stopped_reason ?? null };
  });
}

export async function readCluster(tx: Transaction): Promise<ClusterIdentity> {
  const { rows } = await tx.query<{ system_identifier: string; timeline_id: number }>(
    `select s.system_identifier::text as system_identifier, c.timeline_id
     from pg_control_system() s, pg_control_checkpoint() c`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('Postgres does not say which cluster it is');
  return { systemIdentifier: row.system_identifier, timeline: row.timeline_id };
}
