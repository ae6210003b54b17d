import { asOwner } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

/**
 * Says that this database was restored from a backup, where the cluster itself cannot tell: nothing is sent until the
 * fleet is resumed (PRODUCT 4.12).
 */
export async function markRestored(ctx: Context): Promise<void> {
  requirePermission(ctx, 'fleet.resume', null);
  return await asOwner(ctx.database, async (tx) => {
    await tx.query(
      `update mailroom.installation set restore_marker = $1, sending_stopped_reason = 'marked_restored',
         sending_stopped_at = coalesce(sending_stopped_at, mailroom.now())`,
      [newId()],
    );
    await recordAudit(tx, ctx, {
      action: 'fleet.marked_restored',
      projectId: null,
      object: { kind: 'installation', id: null, label: null },
    });
  });
}
