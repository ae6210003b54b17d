import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import type { BulkResult } from './cancel-messages.ts';
import { messageIds } from './message-ids.ts';
import { moveMessages } from './move-messages.ts';
import { recordMessageEvent } from './record-message-event.ts';
import { wakeLane } from '../queue/wake-lane.ts';

const input = z.strictObject({ project: z.string().max(64), ids: messageIds });

/**
 * Lets captured messages leave although the sending mode holds them (PRODUCT 2.16): all of one, or those recipients of
 * it that were captured while the others were served.
 */
export async function releaseMessages(ctx: Context, given: z.input<typeof input>): Promise<BulkResult> {
  const { project: reference, ids } = parseInput(input, given);
  const { laneId, done } = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = requireActive(await loadProject(tx, ctx, reference));
    requirePermission(ctx, 'messages.release', project.id);
    const rows = await moveMessages(tx, 'release', { projectId: project.id, ids });
    for (const row of rows) await recordMessageEvent(tx, ctx, { ...row, projectId: project.id }, 'released');
    return { laneId: project.laneId, done: rows.length };
  });
  if (done > 0) wakeLane(ctx.database, laneId);
  return { done, skipped: ids.length - done };
}
