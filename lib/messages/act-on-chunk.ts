import type { Transaction } from '#db/client.ts';
import type { MessageRun, RunPosition } from '../backlog/bulk-run-row.ts';
import type { Chunk } from '../backlog/move-chunk.ts';
import { holdMessages } from '../backlog/hold-messages.ts';
import { newId } from '../ids.ts';
import { findMessageIds } from './find-matching.ts';
import type { MessageRunKind } from './labels.ts';
import { messageActions } from './message-actions.ts';
import { actionFilter, type StoredMessageSelection } from './message-selection.ts';
import { moveMessages } from './move-messages.ts';

/** Messages that one chunk acts on: about a quarter of a second of work. */
const chunkMails = 5_000;

export interface ChunkRequest {
  readonly selection: StoredMessageSelection;
  readonly position: RunPosition;
}

/** The next messages of a run from where it has come to, at most so many; `isLast` where none is behind them. */
export async function nextOfRun(
  tx: Transaction,
  run: MessageRun,
  { selection, position }: ChunkRequest,
  most: number,
): Promise<{ readonly ids: readonly string[]; readonly position: RunPosition; readonly isLast: boolean }> {
  const { chosen } = selection;
  const [projectId] = selection.projectIds;
  if (await isArchived(tx, projectId)) return { ids: [], position, isLast: true };
  if ('ids' in chosen) {
    const ids = chosen.ids.slice(position.place, position.place + most);
    const place = position.place + ids.length;
    return { ids, position: { ...position, place }, isLast: place >= chosen.ids.length };
  }
  const filter = actionFilter(run.kind, chosen.filter, selection.asOf);
  if (filter === null) return { ids: [], position, isLast: true };
  const found = await findMessageIds(tx, projectId, filter, {
    most,
    after: position.id,
    // What is due already stands at the front.
    isLater: run.kind === 'try_now',
  });
  const except = new Set(chosen.except);
  return {
    ids: found.filter((id) => !except.has(id)),
    position: { ...position, id: found.at(-1) ?? position.id },
    isLast: found.length < most,
  };
}

/** What a project that was archived meanwhile has stays as it is (PRODUCT 4.4). */
async function isArchived(tx: Transaction, projectId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from mailroom.projects where id = $1 and archived_at is not null',
    [projectId],
  );
  return rowCount === 1;
}

/** A run whose work is done in one statement for each chunk. */
export type MovingRun = MessageRun & { readonly kind: Exclude<MessageRunKind, 'resend'> };

/** Does a run's work to its next messages, in the transaction that writes down how far it has come. */
export async function actOnChunk(tx: Transaction, run: MovingRun, request: ChunkRequest): Promise<Chunk> {
  const [projectId] = request.selection.projectIds;
  const { ids, position, isLast } = await nextOfRun(tx, run, request, chunkMails);
  const mails = await moveAndTell(tx, run, { projectId, ids });
  return {
    moved: { mails, byProject: mails === 0 ? [] : [{ projectId, mails }] },
    skipped: ids.length - mails,
    position,
    isLast,
    wakes: messageActions[run.kind].goesOut,
  };
}

async function moveAndTell(
  tx: Transaction,
  run: MovingRun,
  chosen: { readonly projectId: string; readonly ids: readonly string[] },
): Promise<number> {
  if (run.kind === 'hold') {
    const held = await holdMessages(tx, {
      ...chosen,
      reason: 'by_hand',
      by: run.actorLabel,
      runId: run.id,
    });
    return held.length;
  }
  const moved = await moveMessages(tx, run.kind, chosen);
  await tellOfMany(
    tx,
    run,
    chosen.projectId,
    moved.map(({ id }) => id),
  );
  return moved.length;
}

/** What happened to many messages at once: one row, which each of them remembers. */
export async function tellOfMany(
  tx: Transaction,
  run: Pick<MessageRun, 'id' | 'organizationId' | 'kind' | 'actorLabel'>,
  projectId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `with told as (
       insert into mailroom.shared_events (id, organization_id, project_id, at, kind, actor_label, detail)
       values ($1, $2, $3, mailroom.now(), $4, $5, $6) returning id
     )
     update mailroom.messages m set shared_event_ids = array_append(m.shared_event_ids, told.id)
     from told where m.id = any ($7::uuid[])`,
    [
      newId(),
      run.organizationId,
      projectId,
      messageActions[run.kind].event,
      run.actorLabel,
      JSON.stringify({ runId: run.id }),
      ids,
    ],
  );
}
