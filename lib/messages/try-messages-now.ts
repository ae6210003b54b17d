import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { wakeLane } from '../queue/wake-lane.ts';
import type { BulkResult } from './cancel-messages.ts';
import { getMessage, type MessageDetail } from './get-message.ts';
import { messageIds } from './message-ids.ts';
import { moveMessages } from './move-messages.ts';
import { type ProjectWait, readProjectWait } from './read-project-wait.ts';
import { recordMessageEvent } from './record-message-event.ts';

const input = z.strictObject({ project: z.string().max(64), ids: messageIds });

export interface TriedNow extends BulkResult {
  /** What all mail of the project waits for, these too; null: they go now. */
  readonly waits: ProjectWait | null;
}

/** Makes waiting messages due at once. A pause or a stopped lane still holds them, as the answer says. */
export async function tryMessagesNow(ctx: Context, given: z.input<typeof input>): Promise<TriedNow> {
  const { project: reference, ids } = parseInput(input, given);
  const { laneId, done, waits } = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = requireActive(await loadProject(tx, ctx, reference));
    requirePermission(ctx, 'messages.send', project.id);
    const moved = await moveMessages(tx, 'try_now', { projectId: project.id, ids });
    for (const row of moved)
      await recordMessageEvent(tx, ctx, { ...row, projectId: project.id }, 'tried_now');
    return { laneId: project.laneId, done: moved.length, waits: await readProjectWait(tx, project) };
  });
  if (done > 0) wakeLane(ctx.database, laneId);
  return { done, skipped: ids.length - done, waits };
}

/** Makes one message due at once; `wrong_state` where it has started, is finished or is due already. */
export async function tryMessageNow(
  ctx: Context,
  given: { readonly project: string; readonly id: string },
): Promise<MessageDetail> {
  const before = await getMessage(ctx, given);
  const { done } = await tryMessagesNow(ctx, { project: given.project, ids: [before.id] });
  if (done === 0) {
    throw new DomainError('wrong_state', 'The message does not wait for a later time.');
  }
  return getMessage(ctx, given);
}
