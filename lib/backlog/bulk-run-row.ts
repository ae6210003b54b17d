import { z } from 'zod';
import type { Transaction } from '#db/client.ts';
import type { bulkRuns } from '#db/schema/backlog.ts';
import { type MessageRunKind, messageRunKinds } from '../messages/labels.ts';
import { readableMessageFilter, storedMessageSelection } from '../messages/message-selection.ts';
import { isoOrNull } from '../messages/present-message.ts';
import { overrideBits } from '../policy/hold-reasons.ts';
import { type BulkKind, type heldFilters, heldSelection, type RunKind, undoMs } from './schemas.ts';
import type { BulkRunView, ProjectName } from './views.ts';

export type BulkRunRow = typeof bulkRuns.$inferSelect;

/** What of a run its chunks need. */
export type RunningRun = Pick<
  BulkRunRow,
  | 'id'
  | 'organizationId'
  | 'projectId'
  | 'kind'
  | 'selection'
  | 'position'
  | 'overrides'
  | 'expected'
  | 'done'
  | 'skipped'
  | 'pacePerMinute'
  | 'actorLabel'
  | 'undoOf'
>;

/** A run over held mails. */
export type HeldRun = RunningRun & { readonly kind: BulkKind };
/** A run over messages. */
export type MessageRun = RunningRun & { readonly kind: MessageRunKind };

/** What a run works on: a selection over these projects, of what was held by then; or all that another one moved. */
export const storedSelection = z.object({
  projectIds: z.array(z.string()),
  asOf: z.string(),
  chosen: heldSelection.nullable(),
});
export type StoredSelection = z.output<typeof storedSelection>;

/** How far a run has come: in its ids, or in its projects and in one of them. */
export const runPosition = z.object({
  place: z.int().default(0),
  heldAt: z.string().nullable().default(null),
  id: z.string().nullable().default(null),
});
export type RunPosition = z.output<typeof runPosition>;

export function presentRun(row: BulkRunRow, project: ProjectName | null, now: Date): BulkRunView {
  const canUndo = row.kind === 'suspend' && row.done > 0;
  return {
    id: row.id,
    project,
    kind: row.kind,
    state: row.state,
    expected: row.expected,
    done: row.done,
    skipped: row.skipped,
    overrides: {
      dayLimit: (row.overrides & overrideBits.dayLimit) !== 0,
      recipientsLimit: (row.overrides & overrideBits.recipientsLimit) !== 0,
    },
    pacePerMinute: row.pacePerMinute,
    ...filtersOf(row),
    startedAt: row.createdAt.toISOString(),
    finishedAt: isoOrNull(row.finishedAt),
    startedBy: row.actorLabel,
    stoppedBy: row.stoppedBy,
    secondsLeft: secondsLeft(row, now),
    undoUntil:
      canUndo && row.finishedAt !== null ? new Date(row.finishedAt.getTime() + undoMs).toISOString() : null,
    undoOf: row.undoOf,
  };
}

function filtersOf(row: BulkRunRow): Pick<BulkRunView, 'filter' | 'messageFilter'> {
  if (isMessageRun(row.kind)) {
    const { chosen } = storedMessageSelection.parse(row.selection);
    return { filter: null, messageFilter: 'filter' in chosen ? readableMessageFilter(chosen.filter) : null };
  }
  const { chosen } = storedSelection.parse(row.selection);
  return {
    filter: chosen !== null && 'filter' in chosen ? readableFilter(chosen.filter) : null,
    messageFilter: null,
  };
}

/** Whether a run works on messages, and not on held mails. */
export function isMessageRun(kind: RunKind): kind is MessageRunKind {
  return messageRunKinds.some((each) => each === kind);
}

/** A filter as callers give it: times as text. */
export function readableFilter(filter: z.output<typeof heldFilters>): z.input<typeof heldFilters> {
  const { heldSince, heldUntil, ...rest } = filter;
  return {
    ...rest,
    ...(heldSince === undefined ? {} : { heldSince: heldSince.toISOString() }),
    ...(heldUntil === undefined ? {} : { heldUntil: heldUntil.toISOString() }),
  };
}

function secondsLeft(row: BulkRunRow, now: Date): number | null {
  if (row.state !== 'running') return null;
  const left = Math.max(0, row.expected - row.done - row.skipped);
  if (row.pacePerMinute !== null) return Math.ceil((left / row.pacePerMinute) * 60);
  const elapsed = (now.getTime() - row.createdAt.getTime()) / 1000;
  return row.done === 0 || elapsed <= 0 ? null : Math.ceil((left * elapsed) / row.done);
}

/** The names of these projects, by id. */
export async function projectNames(
  tx: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ProjectName>> {
  const { rows } = await tx.query<ProjectName & { id: string }>(
    'select id, slug, name from mailroom.projects where id = any ($1::uuid[])',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
