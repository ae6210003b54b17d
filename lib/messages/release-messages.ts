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
import { magicDomain } from '../policy/sending-mode.ts';
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
    const { rows } = await tx.query<{ id: string; subject: string }>(
      `with released as (
         update mailroom.messages m
         set state = 'queued', state_reason = null, state_at = mailroom.now(), released_at = mailroom.now()
         where m.id = any ($1) and m.project_id = $2 and m.state in ('captured', 'sent', 'failed')
           and exists (select from mailroom.recipients r where r.message_id = m.id and r.state = 'captured')
         returning m.id, m.organization_id, m.project_id, m.priority, m.expires_at, m.subject
       ), pending as (
         update mailroom.recipients r set state = 'pending', code = null, reply = null, changed_at = mailroom.now()
         from released where r.message_id = released.id and r.state = 'captured'
       ), queued as (
         insert into mailroom.queue_entries
           (message_id, organization_id, project_id, priority, due_at, expires_at, counted_at)
         select id, organization_id, project_id, priority, mailroom.now(), expires_at,
           case when exists (
             select from mailroom.recipients r where r.message_id = released.id
               and r.state in ('accepted', 'refused') and r.address not like $3
           ) then mailroom.now() end
         from released
       )
       select id, subject from released`,
      // A mail that left for others before has been counted in the limits, and is not again (PRODUCT 5.2).
      [ids, project.id, `%@${magicDomain}`],
    );
    for (const row of rows) await recordMessageEvent(tx, ctx, { ...row, projectId: project.id }, 'released');
    return { laneId: project.laneId, done: rows.length };
  });
  if (done > 0) wakeLane(ctx.database, laneId);
  return { done, skipped: ids.length - done };
}
