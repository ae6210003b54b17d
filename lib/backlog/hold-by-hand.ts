import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context, tenantScope } from '../context.ts';
import type { BulkResult } from '../messages/cancel-messages.ts';
import { messageIds } from '../messages/message-ids.ts';
import { parseInput } from '../parse-input.ts';
import { holdMessages } from './hold-messages.ts';

const input = z.strictObject({ project: z.string().max(64), ids: messageIds });

/**
 * Stops chosen mails that wait in the queue: they stay in the backlog until a person lets them go. Those that have
 * started or finished are skipped.
 */
export function holdByHand(ctx: Context, given: z.input<typeof input>): Promise<BulkResult> {
  const { project: reference, ids } = parseInput(input, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = requireActive(await loadProject(tx, ctx, reference));
    requirePermission(ctx, 'backlog.write', project.id);
    const { length: done } = await holdMessages(tx, {
      ids,
      projectId: project.id,
      reason: 'by_hand',
      by: actorLabel(ctx.actor),
    });
    const skipped = ids.length - done;
    await recordAudit(tx, ctx, {
      action: 'backlog.held',
      projectId: project.id,
      object: { kind: 'project', id: project.id, label: project.name },
      detail: { mails: done, skipped, chosen: ids.length },
    });
    return { done, skipped };
  });
}
