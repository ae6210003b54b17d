import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { projects } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { name } from './slugs.ts';

const renameInput = z.strictObject({ name: name('project') });

/** Gives the project another name. Its short name stays, because callers have it in their addresses. */
export function renameProject(
  ctx: Context,
  { project: reference, ...rest }: { project: string; name: string },
): Promise<{ id: string; slug: string; name: string }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'project.manage', project.id);
    const given = parseInput(renameInput, rest);
    const renamed = { id: project.id, slug: project.slug, name: given.name };
    if (given.name === project.name) return renamed;
    await tx.orm.update(projects).set({ name: given.name }).where(eq(projects.id, project.id));
    await recordAudit(tx, ctx, {
      action: 'project.renamed',
      projectId: project.id,
      object: { kind: 'project', id: project.id, label: given.name },
      detail: { before: project.name, after: given.name },
    });
    return renamed;
  });
}
