import { asOwner } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { readCluster, type StopReason } from './installation.ts';

/**
 * Lets mail go out again after a restored database was noticed: a person has looked at what is queued (PRODUCT 4.12).
 * The cluster as it is now becomes the known one. It concerns every organization of the installation, so it runs as
 * the owner of the tables.
 */
export async function resumeFleet(ctx: Context): Promise<{ readonly wasStopped: boolean }> {
  requirePermission(ctx, 'fleet.resume', null);
  return await asOwner(ctx.database, async (tx) => {
    const identity = await readCluster(tx);
    const { rows } = await tx.query<{ reason: StopReason; stopped_at: Date }>(
      `with stopped as (
         select singleton, sending_stopped_reason, sending_stopped_at from mailroom.installation
         where sending_stopped_at is not null for update
       )
       update mailroom.installation i set system_identifier = $1, timeline = $2, checked_at = mailroom.now(),
         sending_stopped_at = null, sending_stopped_reason = null
       from stopped where i.singleton = stopped.singleton
       returning stopped.sending_stopped_reason as reason, stopped.sending_stopped_at as stopped_at`,
      [identity.systemIdentifier, identity.timeline],
    );
    const [stopped] = rows;
    if (stopped === undefined) return { wasStopped: false };
    await recordAudit(tx, ctx, {
      action: 'fleet.resumed',
      projectId: null,
      object: { kind: 'installation', id: null, label: null },
      detail: { reason: stopped.reason, stoppedAt: stopped.stopped_at.toISOString() },
    });
    return { wasStopped: true };
  });
}
