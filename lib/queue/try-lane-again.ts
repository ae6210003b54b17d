import { type Transaction, withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';

/**
 * Lets a stopped or waiting lane try again with the settings as they are, for a fault that was put right at the
 * server. Does nothing to a lane that runs. The caller wakes the lane afterwards.
 */
export function tryLaneAgain(ctx: Context, input: { project: string }): Promise<{ laneId: string }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'sending.pause', project.id);
    const held = await releaseHold(tx, project.laneId);
    if (held !== null) {
      await recordAudit(tx, ctx, {
        action: 'lane.tried_again',
        projectId: project.id,
        object: { kind: 'project', id: project.id, label: project.name },
        detail: held,
      });
    }
    return { laneId: project.laneId };
  });
}

async function releaseHold(
  tx: Transaction,
  laneId: string,
): Promise<{ stopCode: string | null; waitCode: string | null } | null> {
  const { rows } = await tx.query<{ stop_code: string | null; wait_code: string | null }>(
    `with held as (
       select id, stop_code, wait_code from mailroom.lanes
       where id = $1 and (stopped_at is not null or wait_until is not null) for update
     )
     update mailroom.lanes l set stopped_at = null, stop_code = null, stop_stage = null, stop_reply = null,
       wait_kind = null, wait_since = null, wait_until = null, wait_code = null, wait_reply = null,
       wait_endpoint = null
     from held where l.id = held.id returning held.stop_code, held.wait_code`,
    [laneId],
  );
  const [row] = rows;
  return row === undefined ? null : { stopCode: row.stop_code, waitCode: row.wait_code };
}
