import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import type { BulkResult } from './cancel-messages.ts';
import { messageIds } from './message-ids.ts';
import { recordMessageEvent } from './record-message-event.ts';
import { wakeLane } from '../queue/wake-lane.ts';

const input = z.strictObject({ project: z.string().max(64), ids: messageIds });

/** Makes waiting messages due at once. A pause or a stopped lane still holds them. */
export async function tryMessagesNow(ctx: Context, given: z.input<typeof input>): Promise<BulkResult> {
  const { project: reference, ids } = parseInput(input, given);
  const { laneId, done } = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = requireActive(await loadProject(tx, ctx, reference));
    requirePermission(ctx, 'messages.send', project.id);
    const { rows } = await tx.query<{ id: string; subject: string }>(
      `with due as (
         update mailroom.queue_entries set due_at = mailroom.now()
         where message_id = any ($1) and project_id = $2 and attempt_id is null and due_at > mailroom.now()
         returning message_id
       )
       update mailroom.messages m
       set next_attempt_at = case when m.state = 'retrying' then mailroom.now() end,
         send_at = case when m.send_at > mailroom.now() then mailroom.now() else m.send_at end
       from due where m.id = due.message_id
       returning m.id, m.subject`,
      [ids, project.id],
    );
    for (const row of rows) await recordMessageEvent(tx, ctx, { ...row, projectId: project.id }, 'tried_now');
    return { laneId: project.laneId, done: rows.length };
  });
  if (done > 0) wakeLane(ctx.database, laneId);
  return { done, skipped: ids.length - done };
}
