import { and, eq, isNotNull, sql } from 'drizzle-orm';
import { withTenant } from '#db/client.ts';
import { projects } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';

/** Brings an archived project back, paused: what waited in it goes out only when a person starts sending. */
export function restoreProject(ctx: Context, input: { project: string }): Promise<{ laneId: string }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'project.manage', project.id);
    const restored = await tx.orm
      .update(projects)
      .set({
        archivedAt: null,
        pausedAt: sql`mailroom.now()`,
        pausedBy: actorLabel(ctx.actor),
        pauseReason: 'restored',
      })
      .where(and(eq(projects.id, project.id), isNotNull(projects.archivedAt)))
      .returning({ id: projects.id });
    if (restored.length === 0) throw new DomainError('wrong_state', 'This project is not archived.');
    await recordAudit(tx, ctx, {
      action: 'project.restored',
      projectId: project.id,
      object: { kind: 'project', id: project.id, label: project.name },
      detail: { archivedAt: project.archivedAt?.toISOString() ?? null, paused: true },
    });
    return { laneId: project.laneId };
  });
}
