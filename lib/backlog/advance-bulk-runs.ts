import { asWorker, type Transaction, withTenant } from '#db/client.ts';
import type { Services } from '../context.ts';
import { actOnChunk } from '../messages/act-on-chunk.ts';
import { storedMessageSelection } from '../messages/message-selection.ts';
import { resendChunk } from '../messages/resend-chunk.ts';
import { isMessageRun, type RunningRun, runPosition, storedSelection } from './bulk-run-row.ts';
import { type Chunk, moveChunk } from './move-chunk.ts';
import { tuning } from './move-held.ts';
import { recordRunEnd, type RunEnd } from './record-run-end.ts';
import { wakeProjects } from './wake-projects.ts';

const turnMs = 1_500;
const mostRuns = 16;
/** Chunks of one run before the next one has its turn: about a second of work. */
const chunksPerTurn = 4;
const afterFaultSeconds = 10;

/**
 * Works on the bulk runs that are due, chunk by chunk in turn, for at most a moment; for the worker's timer. Each chunk
 * is one transaction with the run's progress, so that a death between loses and repeats nothing. Answers how many
 * chunks it did.
 */
export async function advanceBulkRuns(services: Services): Promise<number> {
  const { clock, database, log } = services;
  const endMs = clock.monotonicMs() + turnMs;
  let chunks = 0;
  while (clock.monotonicMs() < endMs) {
    const due = await dueRuns(services);
    let advanced = 0;
    for (const run of due) {
      try {
        advanced += await advanceRun(services, run);
      } catch (error) {
        log.error({ err: error, runId: run.id }, 'a chunk of a bulk run failed; it is tried again');
        await asWorker(database, (tx) =>
          tx.query(
            `update mailroom.bulk_runs set next_chunk_at = mailroom.now() + $2 * interval '1 second'
             where id = $1 and state = 'running'`,
            [run.id, afterFaultSeconds],
          ),
        );
      }
      if (clock.monotonicMs() >= endMs) break;
    }
    chunks += advanced;
    if (advanced === 0) break;
  }
  return chunks;
}

interface DueRun {
  readonly id: string;
  readonly organization_id: string;
}

async function dueRuns({ database }: Services): Promise<readonly DueRun[]> {
  const { rows } = await asWorker(database, (tx) =>
    tx.query<DueRun>(
      `select id, organization_id from mailroom.bulk_runs
       where state = 'running' and next_chunk_at <= mailroom.now() order by next_chunk_at limit $1`,
      [mostRuns],
    ),
  );
  return rows;
}

/** A few chunks under the tenant's own eyes; 0 where another worker has the run, or it was stopped. */
async function advanceRun(services: Services, due: DueRun): Promise<number> {
  const projectIds = new Set<string>();
  let chunks = 0;
  try {
    while (chunks < chunksPerTurn) {
      const chunk = await advanceOnce(services, due);
      if (chunk === null) break;
      chunks += 1;
      if (chunk === 'resends') {
        if ((await advanceResend(services, due)) !== true) break;
        continue;
      }
      if (chunk.wakes) for (const { projectId } of chunk.moved.byProject) projectIds.add(projectId);
      if (chunk.isLast) break;
    }
  } finally {
    await wakeProjects({ database: services.database, organizationId: due.organization_id }, [...projectIds]);
  }
  return chunks;
}

function advanceOnce(services: Services, due: DueRun): Promise<Chunk | 'resends' | null> {
  const tenant = { organizationId: due.organization_id, userId: null };
  return withTenant(services.database, tenant, async (tx) => {
    const run = await lockRun(tx, due.id);
    if (run === null) return null;
    const { kind } = run;
    if (kind === 'resend') return 'resends';
    const position = runPosition.parse(run.position ?? {});
    const done = isMessageRun(kind)
      ? await actOnChunk(
          tx,
          { ...run, kind },
          { selection: storedMessageSelection.parse(run.selection), position },
        )
      : await moveChunk(tx, { ...run, kind }, { selection: storedSelection.parse(run.selection), position });
    const end = await writeProgress(tx, run, done);
    if (done.isLast) await recordRunEnd(tx, services, run, end);
    return done;
  });
}

/** Mails are accepted anew outside of a transaction of ours, so the run is read without its lock. */
async function advanceResend(services: Services, due: DueRun): Promise<boolean | null> {
  const tenant = { organizationId: due.organization_id, userId: null };
  const run = await withTenant(services.database, tenant, async (tx) => {
    const { rows } = await tx.query<RunningRun>(
      `select ${runColumns} from mailroom.bulk_runs where id = $1`,
      [due.id],
    );
    return rows[0] ?? null;
  });
  return run === null ? null : resendChunk(services, { ...run, kind: 'resend' });
}

const runColumns = `id, organization_id as "organizationId", project_id as "projectId", kind, selection, position,
  overrides, expected, done, skipped, pace_per_minute as "pacePerMinute", actor_label as "actorLabel",
  undo_of as "undoOf"`;

// One round trip: the lock, the row and the settings of the transaction. A worker that is halted in mid-chunk must not
// keep its locks.
async function lockRun(tx: Transaction, id: string): Promise<RunningRun | null> {
  const { rows } = await tx.query<RunningRun>(
    `select ${tuning}, set_config('idle_in_transaction_session_timeout', '4000', true),
       ${runColumns}
     from mailroom.bulk_runs where id = $1 and state = 'running' and next_chunk_at <= mailroom.now()
     for update skip locked`,
    [id],
  );
  return rows[0] ?? null;
}

// What had left the backlog before its turn is known as skipped only at the end.
async function writeProgress(tx: Transaction, run: RunningRun, chunk: Chunk): Promise<RunEnd> {
  const done = run.done + chunk.moved.mails;
  const expected = Math.max(run.expected, done);
  const skipped = chunk.isLast ? expected - done : run.skipped + chunk.skipped;
  const waitSeconds =
    run.pacePerMinute === null || chunk.isLast ? 0 : (chunk.moved.mails / run.pacePerMinute) * 60;
  await tx.query(
    `update mailroom.bulk_runs set done = $2, expected = $3, skipped = $4, position = $5, state = $6,
       next_chunk_at = mailroom.now() + $7 * interval '1 second',
       finished_at = case when $6 = 'done' then mailroom.now() end
     where id = $1`,
    [
      run.id,
      done,
      expected,
      skipped,
      JSON.stringify(chunk.position),
      chunk.isLast ? 'done' : 'running',
      waitSeconds,
    ],
  );
  return { done, skipped };
}
