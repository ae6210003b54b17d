import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { getMessage, type MessageDetail } from './get-message.ts';
import { loadMessage } from './load-message.ts';
import { messageIds } from './message-ids.ts';
import { recordMessageEvent } from './record-message-event.ts';

const input = z.strictObject({ project: z.string().max(64), ids: messageIds });

export interface BulkResult {
  readonly done: number;
  /** Those that had started or finished meanwhile, or are not of this project. */
  readonly skipped: number;
}

/**
 * Cancels those of the messages that have not started, held ones too; suspended ones stay (PRODUCT 5.7). The row in the
 * queue is what a worker marks before anything leaves: whoever takes it first has won.
 */
export function cancelMessages(ctx: Context, given: z.input<typeof input>): Promise<BulkResult> {
  const { project: reference, ids } = parseInput(input, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'messages.cancel', project.id);
    const { rows } = await tx.query<{ id: string; subject: string }>(
      `with queued as (
         delete from mailroom.queue_entries
         where message_id = any ($1) and project_id = $2 and attempt_id is null
         returning message_id
       ), held as (
         delete from mailroom.held_messages
         where message_id = any ($1) and project_id = $2 and state = 'backlog'
         returning message_id
       ), taken as (
         select message_id from queued union all select message_id from held
       )
       update mailroom.messages m
       set state = 'cancelled', state_reason = null, state_at = mailroom.now(), next_attempt_at = null
       from taken where m.id = taken.message_id
       returning m.id, m.subject`,
      [ids, project.id],
    );
    for (const row of rows) await recordMessageEvent(tx, ctx, { ...row, projectId: project.id }, 'cancelled');
    return { done: rows.length, skipped: ids.length - rows.length };
  });
}

/** Cancels one message; `wrong_state` where it has started or is finished. */
export async function cancelMessage(
  ctx: Context,
  given: { readonly project: string; readonly id: string },
): Promise<MessageDetail> {
  await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, given.project);
    requirePermission(ctx, 'messages.cancel', project.id);
    const { state } = await loadMessage(tx, project, given.id);
    if (state === 'suspended') {
      throw new DomainError(
        'wrong_state',
        'The message is suspended and stays. It can go back to the backlog.',
      );
    }
  });
  const { done } = await cancelMessages(ctx, { project: given.project, ids: [given.id] });
  if (done === 0) {
    throw new DomainError('wrong_state', 'The message has started or is finished and cannot be cancelled.');
  }
  return getMessage(ctx, given);
}
