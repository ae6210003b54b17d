import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { returnToPrimary } from './return-to-primary.ts';

/**
 * Brings a project back from the alternate server (PRODUCT 6.3); does nothing where its mail goes by the primary. The
 * caller wakes the lane afterwards.
 */
export function reconnectToPrimary(ctx: Context, input: { project: string }): Promise<{ laneId: string }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'sending.pause', project.id);
    await returnToPrimary(tx, ctx, project, 'by_hand');
    return { laneId: project.laneId };
  });
}
