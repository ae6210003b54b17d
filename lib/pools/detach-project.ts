import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { pools } from '#db/schema/pools.ts';
import { projects } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';

const detachInput = z.strictObject({ project: z.string() });

/** Takes a project out of its pool: nothing paces it from then on. */
export function detachProject(ctx: Context, input: z.input<typeof detachInput>): Promise<void> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    requirePermission(ctx, 'limits.write', null);
    const given = parseInput(detachInput, input);
    const project = await loadProject(tx, ctx, given.project);
    if (project.poolId === null) return;
    const [pool] = await tx.orm.select({ name: pools.name }).from(pools).where(eq(pools.id, project.poolId));
    await tx.orm.update(projects).set({ poolId: null }).where(eq(projects.id, project.id));
    await recordAudit(tx, ctx, {
      action: 'pool.detached',
      projectId: project.id,
      object: { kind: 'pool', id: project.poolId, label: pool?.name ?? null },
      detail: { project: project.slug },
    });
  });
}
