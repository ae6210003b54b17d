import { withTenant } from '#db/client.ts';
import { pools } from '#db/schema/pools.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import { poolFacts, withFreeName } from './pool-verb-parts.ts';
import { type PoolInput, poolInput } from './schemas.ts';

/** Makes a pool that no project draws from yet (PRODUCT 5.9). Throws `conflict` when another has its name. */
export function createPool(ctx: Context, input: PoolInput): Promise<{ readonly id: string }> {
  return withFreeName(() =>
    withTenant(ctx.database, tenantScope(ctx), async (tx) => {
      requirePermission(ctx, 'limits.write', null);
      const given = parseInput(poolInput, input);
      const [pool] = await tx.orm
        .insert(pools)
        .values({ id: newId(), organizationId: ctx.organizationId, ...given })
        .returning();
      if (pool === undefined) throw new Error('the insert of a pool returned no row');
      await recordAudit(tx, ctx, {
        action: 'pool.created',
        projectId: null,
        object: { kind: 'pool', id: pool.id, label: pool.name },
        detail: { after: poolFacts(pool) },
      });
      return { id: pool.id };
    }),
  );
}
