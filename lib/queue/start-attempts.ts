import { asDrain, type Database } from '#db/client.ts';
import { createMicroBatch } from './micro-batch.ts';
import type { Lease } from './lease.ts';

/** The `started` mark of one mail: which attempt, under which lease, by which version of the settings. */
export interface StartMark {
  readonly messageId: string;
  readonly projectId: string;
  readonly attemptId: string;
  readonly settingsVersion: number;
  readonly lease: Lease;
}

/**
 * Whether the mail may be handed over. `stale_settings`: a newer version was saved, so it is made ready again.
 * `refused`: cancelled, expired, paused meanwhile, started elsewhere, or the lease is gone.
 */
export type StartAnswer = 'started' | 'stale_settings' | 'refused';

export interface StartBatch {
  start(mark: StartMark): Promise<StartAnswer>;
}

const maxMarks = 500;

/**
 * Marks of all lanes of a worker share statements and commits. Each is fenced: the lane's row is locked for share, so
 * whoever takes the lease over either sees the mark or makes it fail. So is the project's: a pause or a save that is
 * committed stands before every mark that is not.
 */
export function createStartBatch(
  database: Database,
  { now, onStarted }: { now(): number; onStarted(mark: StartMark): void },
): StartBatch {
  const batch = createMicroBatch<StartMark, StartAnswer>({
    maxItems: maxMarks,
    gapMs: 0,
    now,
    run: async (marks) => {
      const answers = await startAttempts(database, marks);
      for (const [index, mark] of marks.entries()) if (answers[index] === 'started') onStarted(mark);
      return answers;
    },
  });
  return { start: (mark) => batch.add(mark) };
}

async function startAttempts(database: Database, marks: readonly StartMark[]): Promise<StartAnswer[]> {
  const { rows } = await asDrain(database, (tx) =>
    tx.queryPrepared<{ message_id: string; is_started: boolean }>(startStatement, [
      marks.map(({ messageId }) => messageId),
      marks.map(({ projectId }) => projectId),
      marks.map(({ attemptId }) => attemptId),
      marks.map(({ settingsVersion }) => settingsVersion),
      marks.map(({ lease }) => lease.laneId),
      marks.map(({ lease }) => lease.generation),
      marks.map(({ lease }) => lease.workerId),
    ]),
  );
  const answers = new Map(rows.map((row) => [row.message_id, row.is_started]));
  return marks.map(({ messageId }) => {
    const isStarted = answers.get(messageId);
    if (isStarted === undefined) return 'refused';
    return isStarted ? 'started' : 'stale_settings';
  });
}

const startStatement = `
with wanted as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::uuid[], $6::bigint[], $7::uuid[])
    as w(message_id, project_id, attempt_id, settings_version, lane_id, generation, worker_id)
), held as materialized (
  select l.id, l.generation, l.holder from mailroom.lanes l
  where l.id = any ($5::uuid[]) and l.lease_expires_at > mailroom.now() and l.stopped_at is null
    and not exists (select from mailroom.installation where sending_stopped_at is not null)
  order by l.id for share
), open as materialized (
  select p.id, p.lane_id, p.settings_version from mailroom.projects p
  where p.id = any ($2::uuid[]) and p.paused_at is null and p.archived_at is null and p.settings_version is not null
  order by p.id for share
), allowed as materialized (
  select w.*, p.settings_version as current_version
  from wanted w
  join held h on h.id = w.lane_id and h.generation = w.generation and h.holder = w.worker_id
  join open p on p.id = w.project_id and p.lane_id = w.lane_id
), started as (
  update mailroom.queue_entries q set attempt_id = a.attempt_id, attempt_started_at = mailroom.now(),
    worker_id = a.worker_id, generation = a.generation, settings_version = a.settings_version
  from allowed a
  where q.message_id = a.message_id and q.attempt_id is null and a.settings_version = a.current_version
    and (q.expires_at is null or q.expires_at > mailroom.now())
  returning q.message_id
)
select message_id, true as is_started from started
union all
select message_id, false from allowed where settings_version <> current_version`;
