import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { pools } from '#db/schema/pools.ts';
import { projects } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { loadPool, poolFacts } from './pool-verb-parts.ts';

const archiveInput = z.strictObject({ pool: z.string() });

/** Ends a pool: its projects are paced by nothing from then on, and its name is free again. What it counted stays. */
export function archivePool(
  ctx: Context,
  input: z.input<typeof archiveInput>,
): Promise<{ readonly projects: number }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    requirePermission(ctx, 'limits.write', null);
    const given = parseInput(archiveInput, input);
    const pool = await loadPool(tx, ctx, given.pool);
    const detached = await tx.orm
      .update(projects)
      .set({ poolId: null })
      .where(and(eq(projects.organizationId, ctx.organizationId), eq(projects.poolId, pool.id)))
      .returning({ slug: projects.slug });
    await tx.orm.update(pools).set({ archivedAt: ctx.clock.now() }).where(eq(pools.id, pool.id));
    await recordAudit(tx, ctx, {
      action: 'pool.archived',
      projectId: null,
      object: { kind: 'pool', id: pool.id, label: pool.name },
      detail: { before: poolFacts(pool), projects: detached.map(({ slug }) => slug) },
    });
    return { projects: detached.length };
  });
}
