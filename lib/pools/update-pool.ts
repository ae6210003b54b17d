import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { pools } from '#db/schema/pools.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { loadPool, poolFacts, withFreeName } from './pool-verb-parts.ts';
import { poolInput } from './schemas.ts';

const updateInput = z.strictObject({ pool: z.string(), expectedVersion: z.int(), input: poolInput });
export type UpdatePool = z.input<typeof updateInput>;

/**
 * Gives a pool other figures; they hold from the next permit on, at most five seconds later. Throws
 * `version_conflict` when somebody else has changed it meanwhile.
 */
export function updatePool(ctx: Context, input: UpdatePool): Promise<{ readonly version: number }> {
  return withFreeName(() =>
    withTenant(ctx.database, tenantScope(ctx), async (tx) => {
      requirePermission(ctx, 'limits.write', null);
      const given = parseInput(updateInput, input);
      const before = await loadPool(tx, ctx, given.pool);
      if (before.version !== given.expectedVersion) {
        throw new DomainError('version_conflict', 'Somebody else has changed this pool meanwhile.', {
          data: { version: before.version },
        });
      }
      const [after] = await tx.orm
        .update(pools)
        .set({ ...given.input, version: before.version + 1 })
        .where(eq(pools.id, before.id))
        .returning();
      if (after === undefined) throw new Error('the update of a pool returned no row');
      await recordAudit(tx, ctx, {
        action: 'pool.updated',
        projectId: null,
        object: { kind: 'pool', id: after.id, label: after.name },
        detail: { before: poolFacts(before), after: poolFacts(after) },
      });
      return { version: after.version };
    }),
  );
}
