import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { projects } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { loadPool } from './pool-verb-parts.ts';

const attachInput = z.strictObject({ pool: z.string(), project: z.string() });

/** Lets a project draw from a pool, instead of the one before: a project has one pool at most. */
export function attachProject(ctx: Context, input: z.input<typeof attachInput>): Promise<void> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    requirePermission(ctx, 'limits.write', null);
    const given = parseInput(attachInput, input);
    const pool = await loadPool(tx, ctx, given.pool);
    const project = await loadProject(tx, ctx, given.project);
    if (project.poolId === pool.id) return;
    await tx.orm.update(projects).set({ poolId: pool.id }).where(eq(projects.id, project.id));
    await recordAudit(tx, ctx, {
      action: 'pool.attached',
      projectId: project.id,
      object: { kind: 'pool', id: pool.id, label: pool.name },
      detail: { project: project.slug, before: project.poolId },
    });
  });
}
