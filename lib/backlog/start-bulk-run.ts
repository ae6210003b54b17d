import { z } from 'zod';
import { bulkRuns } from '#db/schema/backlog.ts';
import { type Transaction, withTenant } from '#db/client.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorId, actorLabel, type Context, tenantScope } from '../context.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import { overrideBits } from '../policy/hold-reasons.ts';
import { presentRun, readableFilter, type storedSelection } from './bulk-run-row.ts';
import { countSelection } from './count-held.ts';
import { type Moved, moveHeld } from './move-held.ts';
import { openProjects } from './open-projects.ts';
import { readExactNow, readNow } from './read-now.ts';
import { refuseGrown } from './refuse-grown.ts';
import { refuseHeldAgain } from './refuse-held-again.ts';
import {
  atOnce,
  type BulkKind,
  bulkKinds,
  type HeldSelection,
  heldSelection,
  pacePerMinute,
  projectOrAll,
  resumeOverrides,
} from './schemas.ts';
import { selectedHeld, type SelectionScope } from './select-held.ts';
import { spentQuotas } from './spent-quotas.ts';
import type { BulkRunView } from './views.ts';
import { wakeProjects } from './wake-projects.ts';

export const startBulkRunInput = z.strictObject({
  project: projectOrAll,
  kind: z.enum(bulkKinds),
  selection: heldSelection,
  /** The limits that the confirmation named; for a resume. */
  overrides: resumeOverrides.default({ dayLimit: false, recipientsLimit: false }),
  /** Mails that a limit not in `overrides` would hold again are fine to wait; without, the resume is refused. */
  mayWait: z.boolean().default(true),
  /** Mails a minute; null: as fast as it goes. For a resume. */
  pacePerMinute: pacePerMinute.nullable().default(null),
  /** From the preview: what is held later is not meant. */
  asOf: z.iso.datetime({ offset: true, error: 'This must be a time.' }).optional(),
  /** How many the confirmation said. Many more by now are a `conflict`. */
  expected: z.int().min(0).optional(),
});
export type StartBulkRun = z.output<typeof startBulkRunInput>;

/**
 * Resumes held mails, suspends them, or returns suspended ones to the backlog. Few are done before the answer; many go
 * on in the background, as the answer's `state` says. What has changed meanwhile is skipped and counted.
 */
export function startBulkRun(ctx: Context, given: z.input<typeof startBulkRunInput>): Promise<BulkRunView> {
  return beginBulkRun(ctx, parseInput(startBulkRunInput, given));
}

/** The same for an input that was read already. */
export async function beginBulkRun(ctx: Context, input: StartBulkRun): Promise<BulkRunView> {
  const { view, moved } = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const open = await openProjects(tx, ctx, input.project, 'backlog.write');
    const projects =
      input.project === null ? open.filter((each) => each.archivedAt === null) : open.map(requireActive);
    const scope: SelectionScope = {
      projectIds: projects.map(({ id }) => id),
      state: input.kind === 'return' ? 'suspended' : 'backlog',
      asOf: input.asOf ?? (await readExactNow(tx)),
    };
    const { mails } = await countSelection(tx, scope, input.selection);
    refuseGrown(input.expected, mails);
    if (input.kind === 'resume' && !input.mayWait) await refuseHeldAgain(tx, ctx, { ...input, scope });
    return begin(tx, ctx, { input, projects, scope, mails });
  });
  await wakeProjects(
    ctx,
    input.kind === 'resume' && moved !== null ? moved.byProject.map(({ projectId }) => projectId) : [],
  );
  return view;
}

interface Beginning {
  readonly input: StartBulkRun;
  readonly projects: readonly ProjectRow[];
  readonly scope: SelectionScope;
  readonly mails: number;
}

async function begin(tx: Transaction, ctx: Context, beginning: Beginning) {
  const { input, projects, scope, mails } = beginning;
  const chosen = 'ids' in input.selection ? input.selection.ids.length : mails;
  const isAtOnce = Math.max(mails, chosen) <= atOnce && input.pacePerMinute === null;
  const id = newId();
  const createdAt = await readNow(tx);
  const overrides = overridesOf(input);
  const moved = isAtOnce ? await moveSelection(tx, ctx, beginning, id, overrides) : null;
  const ended =
    moved === null
      ? {}
      : {
          state: 'done' as const,
          done: moved.mails,
          skipped: chosen - moved.mails,
          finishedAt: await readNow(tx),
        };
  const [row] = await tx.orm
    .insert(bulkRuns)
    .values({
      id,
      organizationId: ctx.organizationId,
      projectId: input.project === null ? null : (projects[0]?.id ?? null),
      kind: input.kind,
      selection: toStored(scope, input.selection),
      overrides,
      pacePerMinute: input.pacePerMinute,
      expected: chosen,
      createdAt,
      ...ended,
      actorKind: ctx.actor.kind,
      actorId: actorId(ctx.actor),
      actorLabel: actorLabel(ctx.actor),
    })
    .returning();
  if (row === undefined) throw new TypeError('An insert answers with its row');
  const [project] = input.project === null ? [] : projects;
  await recordAudit(tx, ctx, {
    action: auditActions[input.kind],
    projectId: project?.id ?? null,
    object: { kind: 'bulk_run', id, label: project?.name ?? null },
    detail: {
      mails: moved?.mails ?? chosen,
      ...(moved === null ? { inBackground: true } : { skipped: chosen - moved.mails }),
      ...('ids' in input.selection
        ? { chosen: input.selection.ids.length }
        : { filter: readableFilter(input.selection.filter), except: input.selection.except?.length ?? 0 }),
      ...(input.kind === 'resume' ? { passes: input.overrides, pacePerMinute: input.pacePerMinute } : {}),
    },
  });
  return { view: presentRun(row, project ?? null, row.createdAt), moved };
}

async function moveSelection(
  tx: Transaction,
  ctx: Context,
  { input, scope }: Beginning,
  runId: string,
  overrides: number,
): Promise<Moved> {
  const spent = input.kind === 'resume' ? await spentQuotas(tx, scope.projectIds) : [];
  const event = moveEvents[input.kind];
  const detail = input.kind === 'resume' ? { passes: input.overrides } : {};
  return moveHeld(
    tx,
    { kind: input.kind, event, overrides, by: actorLabel(ctx.actor), runId, detail },
    (values) => {
      const selected = selectedHeld(values, scope, input.selection);
      return `select h.message_id from ${selected} and ${notSpent(values, spent)}`;
    },
  );
}

/** Whether the mail of a row `h` is free of a quota that is spent. */
export function notSpent(
  values: { add(value: unknown, type: string): string },
  spent: readonly string[],
): string {
  return spent.length === 0
    ? 'true'
    : `not (h.reason = 'quota' and h.project_id = any (${values.add(spent, 'uuid[]')}))`;
}

export const moveEvents = {
  resume: 'resumed',
  suspend: 'suspended',
  return: 'returned',
} as const satisfies Record<BulkKind, string>;

const auditActions: Readonly<Record<BulkKind, string>> = {
  resume: 'backlog.resumed',
  suspend: 'backlog.suspended',
  return: 'backlog.returned',
};

function overridesOf({ kind, overrides }: StartBulkRun): number {
  if (kind !== 'resume') return 0;
  return (
    (overrides.dayLimit ? overrideBits.dayLimit : 0) |
    (overrides.recipientsLimit ? overrideBits.recipientsLimit : 0)
  );
}

function toStored(scope: SelectionScope, selection: HeldSelection): z.input<typeof storedSelection> {
  const chosen = 'ids' in selection ? selection : { ...selection, filter: readableFilter(selection.filter) };
  return { projectIds: [...scope.projectIds], asOf: scope.asOf ?? '', chosen };
}
