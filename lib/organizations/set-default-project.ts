import { eq } from 'drizzle-orm';
import { withTenant } from '#db/client.ts';
import { organizations } from '#db/schema/people.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';

/** Chooses the project whose mail settings new projects start with; null: they start without any. */
export function setDefaultProject(ctx: Context, input: { project: string | null }): Promise<void> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = input.project === null ? null : requireActive(await loadProject(tx, ctx, input.project));
    requirePermission(ctx, 'organization.manage', null);
    await tx.orm
      .update(organizations)
      .set({ defaultProjectId: project?.id ?? null })
      .where(eq(organizations.id, ctx.organizationId));
    await recordAudit(tx, ctx, {
      action: 'organization.default_project_changed',
      projectId: project?.id ?? null,
      object: { kind: 'project', id: project?.id ?? null, label: project?.name ?? null },
    });
  });
}
