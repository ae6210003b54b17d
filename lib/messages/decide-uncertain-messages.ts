import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { wakeLane } from '../queue/wake-lane.ts';
import type { BulkResult } from './cancel-messages.ts';
import { messageActions } from './message-actions.ts';
import { messageIds } from './message-ids.ts';
import { moveMessages } from './move-messages.ts';
import { recordMessageEvent } from './record-message-event.ts';

const input = z.strictObject({
  project: z.string().max(64),
  ids: messageIds,
  /** It arrived; it is given up; or once more with the same Message-ID, as a marked repeat. */
  as: z.enum(['mark_sent', 'mark_failed', 'send_again']),
});

/**
 * A person says what becomes of mails of which nobody knows whether they arrived (PRODUCT 4.8). Those that are not
 * uncertain any more are skipped, and so is what would be sent again after its expiry.
 */
export async function decideUncertainMessages(
  ctx: Context,
  given: z.input<typeof input>,
): Promise<BulkResult> {
  const { project: reference, ids, as } = parseInput(input, given);
  const { laneId, done } = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = requireActive(await loadProject(tx, ctx, reference));
    const { permission, event } = messageActions[as];
    requirePermission(ctx, permission, project.id);
    const moved = await moveMessages(tx, as, { projectId: project.id, ids });
    for (const row of moved) await recordMessageEvent(tx, ctx, { ...row, projectId: project.id }, event);
    return { laneId: project.laneId, done: moved.length };
  });
  if (done > 0 && messageActions[as].goesOut) wakeLane(ctx.database, laneId);
  return { done, skipped: ids.length - done };
}
