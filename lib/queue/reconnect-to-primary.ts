import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';

/** Brings a lane back from the alternate server (PRODUCT 6.3). The caller wakes the lane afterwards. */
export function reconnectToPrimary(ctx: Context, input: { project: string }): Promise<{ laneId: string }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'sending.pause', project.id);
    const { rows } = await tx.query<{ alternate_since: Date | null; alternate_reason: string | null }>(
      `with away as (
         select id, alternate_since, alternate_reason from mailroom.lanes
         where id = $1 and active_endpoint = 'alternate' for update
       )
       update mailroom.lanes l set active_endpoint = 'primary', alternate_since = null, alternate_reason = null,
         failure_count = 0, wait_kind = null, wait_since = null, wait_until = null, wait_code = null, wait_reply = null
       from away where l.id = away.id returning away.alternate_since, away.alternate_reason`,
      [project.laneId],
    );
    const [away] = rows;
    if (away !== undefined) {
      await recordAudit(tx, ctx, {
        action: 'lane.reconnected_to_primary',
        projectId: project.id,
        object: { kind: 'project', id: project.id, label: project.name },
        detail: { alternateSince: away.alternate_since, reason: away.alternate_reason },
      });
    }
    return { laneId: project.laneId };
  });
}
