import type { Transaction } from '#db/client.ts';
import type { HeldRun, RunPosition, StoredSelection } from './bulk-run-row.ts';
import { heldConditions } from './held-conditions.ts';
import { matchProbe, readSearch } from './held-search.ts';
import { type Move, type Moved, moveHeld, moving } from './move-held.ts';
import type { HeldSelection } from './schemas.ts';
import { spentQuotas } from './spent-quotas.ts';
import { SqlValues } from './sql-values.ts';
import { moveEvents, notSpent } from './start-bulk-run.ts';

/** Rows that a chunk looks at: about a quarter of a second of work where all of them move. */
const chunkRows = 10_000;
/** A paced run moves what belongs to so much time at once: small enough to be smooth. */
const paceStepSeconds = 5;

export interface Chunk {
  readonly moved: Moved;
  /** Of those named one by one, how many had left. */
  readonly skipped: number;
  readonly position: RunPosition;
  readonly isLast: boolean;
  /** Moved mails wait in queues now. */
  readonly wakes: boolean;
}

export interface ChunkPlace {
  readonly selection: StoredSelection;
  readonly position: RunPosition;
}

const nothing: Moved = { mails: 0, byProject: [] };

/** Moves the next mails of a run, from where it has come to. */
export async function moveChunk(tx: Transaction, run: HeldRun, at: ChunkPlace): Promise<Chunk> {
  const { chosen } = at.selection;
  const archived = await archivedOf(tx, at.selection.projectIds);
  const most =
    run.pacePerMinute === null
      ? chunkRows
      : Math.min(chunkRows, Math.max(1, Math.round((run.pacePerMinute * paceStepSeconds) / 60)));
  const wakes = run.kind === 'resume';
  if (run.undoOf !== null) return { ...(await takeBack(tx, run, at, most)), wakes };
  if (chosen === null) return { moved: nothing, skipped: 0, position: at.position, isLast: true, wakes };
  if ('ids' in chosen)
    return { ...(await moveNamed(tx, run, { ...at, archived, ids: chosen.ids, most })), wakes };
  return { ...(await moveMatching(tx, run, { ...at, archived, chosen, most })), wakes };
}

type Part = Omit<Chunk, 'wakes'>;

/** What a project that was archived meanwhile holds stays as it is (PRODUCT 4.4). */
async function archivedOf(tx: Transaction, projectIds: readonly string[]): Promise<readonly string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from mailroom.projects where id = any ($1::uuid[]) and archived_at is not null',
    [projectIds],
  );
  return rows.map(({ id }) => id);
}

function moveOf(run: HeldRun): Move {
  return {
    kind: run.undoOf === null ? run.kind : 'undo',
    event: moveEvents[run.kind],
    overrides: run.overrides,
    by: run.actorLabel,
    runId: run.id,
    detail: {},
    isTuned: true,
  };
}

/** Those that a suspend has moved and that are still where it put them. */
async function takeBack(tx: Transaction, run: HeldRun, at: ChunkPlace, most: number): Promise<Part> {
  const moved = await moveHeld(
    tx,
    moveOf(run),
    (values) => `select h.message_id from mailroom.held_messages h
      where h.run_id = ${values.add(run.undoOf, 'uuid')} and h.state = 'suspended'
        and h.project_id = any (${values.add(at.selection.projectIds, 'uuid[]')})
      order by h.held_at, h.message_id limit ${most}`,
  );
  return { moved, skipped: 0, position: at.position, isLast: moved.mails < most };
}

interface NamedChunk extends ChunkPlace {
  readonly archived: readonly string[];
  readonly ids: readonly string[];
  readonly most: number;
}

async function moveNamed(tx: Transaction, run: HeldRun, chunk: NamedChunk): Promise<Part> {
  const { position, ids, most } = chunk;
  const projectIds = chunk.selection.projectIds.filter((id) => !chunk.archived.includes(id));
  const next = ids.slice(position.place, position.place + most);
  const spent = run.kind === 'resume' ? await spentQuotas(tx, projectIds) : [];
  const moved = await moveHeld(
    tx,
    moveOf(run),
    (values) => `select h.message_id from mailroom.held_messages h
      where h.message_id = any (${values.add(next, 'uuid[]')})
        and h.project_id = any (${values.add(projectIds, 'uuid[]')}) and ${notSpent(values, spent)}`,
  );
  const place = position.place + next.length;
  return {
    moved,
    skipped: next.length - moved.mails,
    position: { ...position, place },
    isLast: place >= ids.length,
  };
}

interface MatchingChunk extends ChunkPlace {
  readonly archived: readonly string[];
  readonly chosen: Extract<HeldSelection, { filter: unknown }>;
  readonly most: number;
}

/**
 * Walks along what is held in one project, oldest first, and moves what matches. The walk is what is bounded: a filter
 * that hardly anything matches costs no more a chunk than one that everything does.
 */
async function moveMatching(tx: Transaction, run: HeldRun, chunk: MatchingChunk): Promise<Part> {
  const { position, selection } = chunk;
  const projectId = selection.projectIds[position.place];
  if (projectId === undefined) return { moved: nothing, skipped: 0, position, isLast: true };
  const walked = chunk.archived.includes(projectId)
    ? nothingFound
    : await walkProject(tx, run, { ...chunk, projectId });
  const isProjectDone = walked.looked < chunkRows && walked.found < chunk.most;
  const place = position.place + (isProjectDone ? 1 : 0);
  return {
    moved: { mails: walked.mails, byProject: walked.mails === 0 ? [] : [{ projectId, mails: walked.mails }] },
    skipped: 0,
    position: isProjectDone
      ? { place, heldAt: null, id: null }
      : { place, heldAt: walked.held_at, id: walked.message_id },
    isLast: place >= selection.projectIds.length,
  };
}

interface Walked {
  /** Rows of the walk, those of them that match, and those that moved. */
  readonly looked: number;
  readonly found: number;
  readonly mails: number;
  /** Where it ended. */
  readonly held_at: string | null;
  readonly message_id: string | null;
}

const nothingFound: Walked = { looked: 0, found: 0, mails: 0, held_at: null, message_id: null };

/** The next rows of a project behind the position, and what matches of them moved: one statement. */
async function walkProject(
  tx: Transaction,
  run: HeldRun,
  chunk: MatchingChunk & { readonly projectId: string },
): Promise<Walked> {
  const { chosen, position, selection, projectId, most } = chunk;
  const spent = run.kind === 'resume' ? await spentQuotas(tx, [projectId]) : [];
  const values = new SqlValues();
  const state = run.kind === 'return' ? 'suspended' : 'backlog';
  const search = readSearch(chosen.filter.search);
  const behind =
    position.id === null
      ? 'true'
      : `(h.held_at, h.message_id) > (${values.add(position.heldAt, 'timestamptz')}, ${values.add(position.id, 'uuid')})`;
  const conditions = [
    ...heldConditions(values, state, chosen.filter),
    `h.message_id <> all (${values.add(chosen.except ?? [], 'uuid[]')})`,
    notSpent(values, spent),
    ...(search === null ? [] : [matchProbe(values, search)]),
  ];
  const { rows } = await tx.query<Walked>(
    `with looked as materialized (
       select h.message_id, h.held_at, coalesce(${conditions.join(' and ')}, false) as is_match
       from (
         select h.* from mailroom.held_messages h
         where h.project_id = ${values.add(projectId, 'uuid')} and h.state = '${state}' and ${behind}
           and h.held_at <= ${values.add(selection.asOf, 'timestamptz')}
         order by h.held_at, h.message_id limit ${chunkRows}
       ) h
     ), found as materialized (
       select l.message_id, l.held_at from looked l where l.is_match ${most < chunkRows ? `order by l.held_at, l.message_id limit ${most}` : ''}
     ), ${moving(values, moveOf(run))}
     select c.looked, c.found, c.mails, e.held_at::text as held_at, e.message_id
     from (
       select (select count(*) from looked)::int as looked, (select count(*) from found)::int as found,
         (select count(*) from taken)::int as mails
     ) c
     left join lateral (
       select l.held_at, l.message_id from looked l
       where c.found < ${most} or (l.held_at, l.message_id) <= (
         select f.held_at, f.message_id from found f order by f.held_at desc, f.message_id desc limit 1)
       order by l.held_at desc, l.message_id desc limit 1
     ) e on true`,
    values.list,
  );
  return rows[0] ?? nothingFound;
}
