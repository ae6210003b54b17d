import { and, eq, isNull, sql } from 'drizzle-orm';
import { type Transaction, withTenant } from '#db/client.ts';
import { organizations } from '#db/schema/people.ts';
import { projects } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';

/**
 * Archives the project: it takes no mail (409), its unfinished mail stays as it is, and it is the default no more.
 * Nothing is deleted. Throws `wrong_state` when it is archived already.
 */
export function archiveProject(ctx: Context, input: { project: string }): Promise<{ laneId: string }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'project.manage', project.id);
    const archived = await tx.orm
      .update(projects)
      .set({ archivedAt: sql`mailroom.now()` })
      .where(and(eq(projects.id, project.id), isNull(projects.archivedAt)))
      .returning({ id: projects.id });
    if (archived.length === 0) throw new DomainError('wrong_state', 'This project is archived already.');
    const wasDefault = await leaveDefault(tx, project);
    await recordAudit(tx, ctx, {
      action: 'project.archived',
      projectId: project.id,
      object: { kind: 'project', id: project.id, label: project.name },
      detail: { wasDefault },
    });
    return { laneId: project.laneId };
  });
}

async function leaveDefault(tx: Transaction, project: ProjectRow): Promise<boolean> {
  const left = await tx.orm
    .update(organizations)
    .set({ defaultProjectId: null })
    .where(and(eq(organizations.id, project.organizationId), eq(organizations.defaultProjectId, project.id)))
    .returning({ id: organizations.id });
  return left.length > 0;
}
