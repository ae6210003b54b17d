import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { bulkRuns } from '#db/schema/backlog.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type MessageRun, presentRun, runPosition } from '../backlog/bulk-run-row.ts';
import { readExactNow, readNow } from '../backlog/read-now.ts';
import { refuseGrown } from '../backlog/refuse-grown.ts';
import { atOnce } from '../backlog/schemas.ts';
import type { BulkRunView } from '../backlog/views.ts';
import { actorId, actorLabel, type Context, tenantScope } from '../context.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import { wakeLane } from '../queue/wake-lane.ts';
import { actOnChunk } from './act-on-chunk.ts';
import { countChosen } from './count-chosen.ts';
import { type MessageRunKind, messageRunKinds } from './labels.ts';
import { messageActions } from './message-actions.ts';
import { type MessageSelection, messageSelection, readableMessageFilter } from './message-selection.ts';

const startInput = z.strictObject({
  project: z.string().max(64),
  kind: z.enum(messageRunKinds),
  selection: messageSelection,
  /** From the preview: what is accepted later is not meant. */
  asOf: z.iso.datetime({ offset: true, error: 'This must be a time.' }).optional(),
  /** How many the confirmation said. Many more by now are a `conflict`. */
  expected: z.int().min(0).optional(),
});
type StartMessageRun = z.output<typeof startInput>;

interface Beginning {
  readonly id: string;
  readonly input: StartMessageRun;
  readonly project: ProjectRow;
  readonly asOf: string;
  readonly chosen: number;
}

/**
 * Does one thing to chosen messages, or to all that match a filter: tries them now, cancels, holds, releases or sends
 * them again, or says what became of uncertain ones. Few are done before the answer; many go on in the background, as the
 * answer's `state` says. What has changed meanwhile is skipped and counted.
 */
export async function startMessageRun(ctx: Context, given: z.input<typeof startInput>): Promise<BulkRunView> {
  const input = parseInput(startInput, given);
  const { view, laneId } = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = requireActive(await loadProject(tx, ctx, input.project));
    requirePermission(ctx, messageActions[input.kind].permission, project.id);
    // It reads what it copies.
    if (input.kind === 'resend') requirePermission(ctx, 'messages.content', project.id);
    const asOf = input.asOf ?? (await readExactNow(tx));
    const { mails, chosen } = await countChosen(tx, project.id, { ...input, asOf });
    refuseGrown(input.expected, mails);
    return {
      view: await begin(tx, ctx, { id: newId(), input, project, asOf, chosen }),
      laneId: project.laneId,
    };
  });
  if (view.done > 0 && messageActions[input.kind].goesOut) wakeLane(ctx.database, laneId);
  return view;
}

async function begin(tx: Transaction, ctx: Context, beginning: Beginning): Promise<BulkRunView> {
  const { id, input, project, asOf, chosen } = beginning;
  const createdAt = await readNow(tx);
  const done = await actNow(tx, ctx, beginning);
  const ended =
    done === null
      ? {}
      : { state: 'done' as const, done, skipped: chosen - done, finishedAt: await readNow(tx) };
  const [row] = await tx.orm
    .insert(bulkRuns)
    .values({
      id,
      organizationId: ctx.organizationId,
      projectId: project.id,
      kind: input.kind,
      selection: toStored(project.id, asOf, input.selection),
      expected: chosen,
      createdAt,
      ...ended,
      actorKind: ctx.actor.kind,
      actorId: actorId(ctx.actor),
      actorLabel: actorLabel(ctx.actor),
    })
    .returning();
  if (row === undefined) throw new TypeError('An insert answers with its row');
  await recordAudit(tx, ctx, {
    action: messageActions[input.kind].audit,
    projectId: project.id,
    object: { kind: 'bulk_run', id, label: project.name },
    detail: {
      mails: done ?? chosen,
      ...(done === null ? { inBackground: true } : { skipped: chosen - done }),
      ...('ids' in input.selection
        ? { chosen }
        : {
            filter: readableMessageFilter(input.selection.filter),
            except: input.selection.except?.length ?? 0,
          }),
    },
  });
  return presentRun(row, project, createdAt);
}

/** Few are done in the caller's own transaction; null: they go on in the background. */
async function actNow(
  tx: Transaction,
  ctx: Context,
  { id, input, project, asOf, chosen }: Beginning,
): Promise<number | null> {
  const { kind, selection } = input;
  if (chosen > atOnce || kind === 'resend') return null;
  const run = {
    ...runOf(ctx, { id, kind, projectId: project.id }),
    kind,
  };
  const { moved } = await actOnChunk(tx, run, {
    selection: { projectIds: [project.id], asOf, chosen: selection },
    position: runPosition.parse({}),
  });
  return moved.mails;
}

function runOf(
  ctx: Context,
  given: { readonly id: string; readonly kind: MessageRunKind; readonly projectId: string },
): MessageRun {
  return {
    ...given,
    organizationId: ctx.organizationId,
    actorLabel: actorLabel(ctx.actor),
    selection: null,
    position: null,
    overrides: 0,
    expected: 0,
    done: 0,
    skipped: 0,
    pacePerMinute: null,
    undoOf: null,
  };
}

function toStored(projectId: string, asOf: string, selection: MessageSelection) {
  const chosen =
    'ids' in selection ? selection : { ...selection, filter: readableMessageFilter(selection.filter) };
  return { projectIds: [projectId], asOf, chosen };
}
