import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { getMessageFor, type MessageDetail } from './get-message.ts';
import { loadMessage } from './load-message.ts';
import { messageIds } from './message-ids.ts';
import { moveMessages } from './move-messages.ts';
import { recordMessageEvent } from './record-message-event.ts';

const input = z.strictObject({ project: z.string().max(64), ids: messageIds });

export interface BulkResult {
  readonly done: number;
  /** Those that had started or finished meanwhile, or are not of this project. */
  readonly skipped: number;
}

/** Cancels those of the messages that have not started, held ones too; suspended ones stay (PRODUCT 5.7). */
export function cancelMessages(ctx: Context, given: z.input<typeof input>): Promise<BulkResult> {
  const { project: reference, ids } = parseInput(input, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'messages.cancel', project.id);
    const rows = await moveMessages(tx, 'cancel', { projectId: project.id, ids });
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
  return getMessageFor(ctx, 'messages.cancel', given);
}
