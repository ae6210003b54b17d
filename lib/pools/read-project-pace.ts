import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { type Transaction, withTenant } from '#db/client.ts';
import { rateWords } from './labels.ts';
import { loadPools, type PoolView } from './list-pools.ts';

/** What paces a project's mail at this moment. */
export interface ProjectPace extends Pick<PoolView, 'usable' | 'rateFactor' | 'stopped' | 'nextAt' | 'used'> {
  readonly pool: { readonly id: string; readonly name: string };
  /** Mail of this project is due and waits for the pool. */
  readonly isPaced: boolean;
}

/** The pool that the project draws from and what it does now; null: nothing paces it. */
export function readProjectPace(
  ctx: Context,
  { project: reference }: { project: string },
): Promise<ProjectPace | null> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'limits.read', project.id);
    if (project.poolId === null) return null;
    const [view] = await loadPools(tx, ctx, project.poolId);
    if (view === undefined) return null;
    const { rows } = await tx.query<{ is_due: boolean }>(
      `select exists (
         select from unnest(array[0, 1, 2]::smallint[]) as place(priority) cross join lateral (
           select from mailroom.queue_entries q
           where q.project_id = $1 and q.priority = place.priority and q.due_at <= mailroom.now() limit 1
         ) q
       ) as is_due`,
      [project.id],
    );
    const { id, name, usable, rateFactor, stopped, nextAt, used } = view;
    return {
      pool: { id, name },
      usable,
      rateFactor,
      stopped,
      nextAt,
      used,
      isPaced: view.isPacing && rows[0]?.is_due === true,
    };
  });
}

/** Why queued mail of a project waits for its pool, and when the pool lets the next mail go. */
export interface PoolWait {
  readonly explanation: string;
  readonly until: Date;
}

/** What queued mail of the project waits for; null where no pool holds it back at this moment. */
export async function loadPoolWait(
  tx: Transaction,
  ctx: Context,
  { poolId }: { readonly poolId: string | null },
): Promise<PoolWait | null> {
  if (poolId === null) return null;
  const [view] = await loadPools(tx, ctx, poolId);
  if (view === undefined || view.nextAt === null) return null;
  const { name, stopped, usable } = view;
  const explanation =
    stopped === null
      ? `Paced by ${name}: ${rateWords(usable)}.`
      : `${name} was asked to wait by its provider.`;
  return { explanation, until: new Date(view.nextAt) };
}
