import { and, eq, isNull } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { pools } from '#db/schema/pools.ts';
import type { Context } from '../context.ts';
import { DomainError } from '../errors.ts';
import { isId } from '../ids.ts';
import { isUniqueViolation } from '../organizations/unique-violation.ts';

export type PoolRow = typeof pools.$inferSelect;

/** The living pool of this tenant, locked for the change. Throws `not_found`. */
export async function loadPool(tx: Transaction, ctx: Context, id: string): Promise<PoolRow> {
  const [pool] = isId(id)
    ? await tx.orm
        .select()
        .from(pools)
        .where(and(eq(pools.organizationId, ctx.organizationId), eq(pools.id, id), isNull(pools.archivedAt)))
        .for('update')
    : [];
  if (pool === undefined) throw new DomainError('not_found', 'There is no such pool.');
  return pool;
}

/** Runs a change of a pool's name; another of that name is the field's fault. */
export async function withFreeName<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!isUniqueViolation(error, 'pools_name')) throw error;
    throw new DomainError('conflict', 'Another pool has this name.', {
      issues: [{ field: 'name', message: 'Another pool has this name.' }],
    });
  }
}

/** What of a pool stands in the history. */
export function poolFacts(pool: PoolRow): Readonly<Record<string, unknown>> {
  const {
    id: _id,
    organizationId: _organization,
    version: _version,
    createdAt: _created,
    archivedAt: _archived,
    ...facts
  } = pool;
  return facts;
}
