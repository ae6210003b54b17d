import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import type { BulkResult } from '../messages/cancel-messages.ts';
import { findMessageIds } from '../messages/find-matching.ts';
import { messageIds } from '../messages/message-ids.ts';
import { messageFilters } from '../messages/list-messages.ts';
import { parseInput } from '../parse-input.ts';
import { holdMessages } from './hold-messages.ts';

const mostMatching = 10_000;

const input = z.union([
  z.strictObject({ project: z.string().max(64), ids: messageIds }),
  z.strictObject({ project: z.string().max(64), filter: messageFilters }),
]);

/**
 * Stops mails that wait in the queue: the chosen ones, or all that match a filter of messages. They stay in the backlog
 * until a person lets them go. Those that have started or finished are skipped.
 */
export function holdByHand(ctx: Context, given: z.input<typeof input>): Promise<BulkResult> {
  const wanted = parseInput(input, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = requireActive(await loadProject(tx, ctx, wanted.project));
    requirePermission(ctx, 'backlog.write', project.id);
    const ids =
      'ids' in wanted ? await ofProject(tx, project, wanted.ids) : await matching(tx, project, wanted.filter);
    const held = await holdMessages(tx, { ids, reason: 'by_hand', by: actorLabel(ctx.actor) });
    const asked = 'ids' in wanted ? wanted.ids.length : ids.length;
    await recordAudit(tx, ctx, {
      action: 'backlog.held',
      projectId: project.id,
      object: { kind: 'project', id: project.id, label: project.name },
      detail: {
        mails: held.length,
        skipped: asked - held.length,
        ...('filter' in wanted ? { filter: wanted.filter } : { chosen: asked }),
      },
    });
    return { done: held.length, skipped: asked - held.length };
  });
}

async function ofProject(
  tx: Transaction,
  project: ProjectRow,
  ids: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'select message_id as id from mailroom.queue_entries where message_id = any ($1::uuid[]) and project_id = $2',
    [ids, project.id],
  );
  return rows.map(({ id }) => id);
}

async function matching(
  tx: Transaction,
  project: ProjectRow,
  filter: z.output<typeof messageFilters>,
): Promise<readonly string[]> {
  const states = (filter.state ?? ['queued', 'retrying']).filter(
    (state) => state === 'queued' || state === 'retrying',
  );
  if (states.length === 0) return [];
  const ids = await findMessageIds(tx, project.id, { ...filter, state: states }, { most: mostMatching + 1 });
  if (ids.length > mostMatching) {
    throw new DomainError(
      'too_many',
      `More than ${mostMatching.toLocaleString('en')} mails match. Narrow the filter, or pause sending.`,
    );
  }
  return ids;
}
