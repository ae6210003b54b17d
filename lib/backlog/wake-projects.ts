import { withTenant } from '#db/client.ts';
import type { Context } from '../context.ts';
import { wakeLane } from '../queue/wake-lane.ts';

/** Tells the workers, after the commit, that these projects have mail in their queues. */
export async function wakeProjects(
  ctx: Pick<Context, 'database' | 'organizationId'>,
  projectIds: readonly string[],
): Promise<void> {
  if (projectIds.length === 0) return;
  const { rows } = await withTenant(
    ctx.database,
    { organizationId: ctx.organizationId, userId: null },
    (tx) =>
      tx.query<{ lane_id: string }>(
        'select distinct lane_id from mailroom.projects where id = any ($1::uuid[])',
        [projectIds],
      ),
  );
  for (const { lane_id } of rows) wakeLane(ctx.database, lane_id);
}
