import { asc, eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { projects } from '#db/schema/projects.ts';
import { can, requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import type { Permission } from '../access/roles.ts';
import type { Context } from '../context.ts';

/**
 * The project that is named, or (null) every project of the organization in which the actor may do this. `forbidden`
 * where that is none.
 */
export async function openProjects(
  tx: Transaction,
  ctx: Context,
  reference: string | null,
  permission: Permission,
): Promise<readonly ProjectRow[]> {
  if (reference !== null) {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, permission, project.id);
    return [project];
  }
  const rows = await tx.orm
    .select()
    .from(projects)
    .where(eq(projects.organizationId, ctx.organizationId))
    .orderBy(asc(projects.id));
  const open = rows.filter(({ id }) => can(ctx.actor, permission, id));
  if (open.length === 0) requirePermission(ctx, permission, null);
  return open;
}
