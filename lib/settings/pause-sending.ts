import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { lockProject } from './load-settings.ts';
import { pauseProject } from './pause-project.ts';

/** Pauses the project's sending. What is on its way finishes; the rest waits until a person starts sending again. */
export function pauseSending(ctx: Context, input: { project: string }): Promise<{ laneId: string }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const found = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'sending.pause', found.id);
    const project = requireActive(await lockProject(tx, found));
    await pauseProject(tx, ctx, project, 'by_hand');
    return { laneId: project.laneId };
  });
}
