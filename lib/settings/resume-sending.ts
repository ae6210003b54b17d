import { eq } from 'drizzle-orm';
import { withTenant } from '#db/client.ts';
import { projects } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { lockProject } from './load-settings.ts';

/** Starts the project's sending again. The caller wakes the lane afterwards. A project that is not paused stays as it is. */
export function resumeSending(ctx: Context, input: { project: string }): Promise<{ laneId: string }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const found = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'sending.pause', found.id);
    const project = requireActive(await lockProject(tx, found));
    if (project.pausedAt === null) return { laneId: project.laneId };
    await tx.orm
      .update(projects)
      .set({ pausedAt: null, pausedBy: null, pauseReason: null })
      .where(eq(projects.id, project.id));
    await recordAudit(tx, ctx, {
      action: 'sending.resumed',
      projectId: project.id,
      object: { kind: 'project', id: project.id, label: project.name },
      detail: {
        pausedAt: project.pausedAt.toISOString(),
        pausedBy: project.pausedBy,
        reason: project.pauseReason,
      },
    });
    return { laneId: project.laneId };
  });
}
