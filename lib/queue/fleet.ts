import { asOwner, asWorker, type Database } from '#db/client.ts';
import { newId } from '#lib/ids.ts';
import { leaseMs } from './lease-time.ts';

export const beatEveryMs = 2000;

export interface WorkerFacts {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Number of the newest migration that its code brings. */
  readonly schemaNumber: number;
  /** Names under which this process locks jobs, so that others can unlock them when it is lost. */
  readonly jobWorkerIds: readonly string[];
}

/** Enters this process into the list of workers. Its id is new each time: a lost worker never comes back as itself. */
export async function registerWorker(database: Database, facts: WorkerFacts): Promise<string> {
  const id = newId();
  await asWorker(database, (tx) =>
    tx.query(
      `insert into mailroom.workers (id, host, pid, version, schema_number, job_worker_ids)
       values ($1, $2, $3, $4, $5, $6::text[])`,
      [id, facts.host, facts.pid, facts.version, facts.schemaNumber, facts.jobWorkerIds],
    ),
  );
  return id;
}

export interface Beat {
  readonly workerId: string;
  readonly lanesHeld: number;
  readonly sentSinceLast: number;
  /** Over its last beats. */
  readonly sentPerSecond: number;
  readonly memoryBytes: number;
  readonly schemaNumber: number;
  readonly jobWorkerIds: readonly string[];
}

/**
 * `lost`: others have taken this worker for lost, its leases are gone and it must enter anew. `outdated`: a migration
 * took away what its code needs, so it must end.
 */
export type BeatAnswer = 'alive' | 'lost' | 'outdated';

export async function beat(database: Database, facts: Beat): Promise<BeatAnswer> {
  const { rows } = await asWorker(database, (tx) =>
    tx.queryLast<{ is_outdated: boolean }>(
      `with beaten as (
         update mailroom.workers set beat_at = mailroom.now(), lanes_held = $2, sent_count = sent_count + $3,
           memory_bytes = $4, job_worker_ids = $5::text[], sent_per_second = $6
         where id = $1 and lost_at is null and stopped_at is null
         returning id
       ), counted as (
         insert into mailroom.fleet_minutes as m (minute, worker_id, sent)
         select date_trunc('minute', mailroom.now()), id, $3 from beaten where $3 > 0
         on conflict (minute, worker_id) do update set sent = m.sent + excluded.sent
       )
       select coalesce((select oldest_schema > $7 from mailroom.installation), false) as is_outdated from beaten`,
      [
        facts.workerId,
        facts.lanesHeld,
        facts.sentSinceLast,
        facts.memoryBytes,
        facts.jobWorkerIds,
        facts.sentPerSecond,
        facts.schemaNumber,
      ],
    ),
  );
  const [row] = rows;
  if (row === undefined) return 'lost';
  return row.is_outdated ? 'outdated' : 'alive';
}

/** The worker has finished and given its lanes back. */
export async function markStopped(database: Database, workerId: string): Promise<void> {
  await asWorker(database, async (tx) => {
    await tx.query(
      `update mailroom.lanes set holder = null, lease_expires_at = null, generation = generation + 1 where holder = $1`,
      [workerId],
    );
    await tx.query(
      `update mailroom.workers set stopped_at = mailroom.now(), lanes_held = 0, sent_per_second = 0
       where id = $1 and stopped_at is null`,
      [workerId],
    );
  });
}

/**
 * Declares workers lost that have been silent for a whole lease, and takes their lanes: from then on their marks are
 * fenced off. Only a worker whose own beats were unbroken for that long may judge, or an outage of the database
 * would make everybody look dead; `judgeId` is its own. A clock that has just stepped forward makes others look silent:
 * `nowMs` is what the judge expects of it, and where it shows more nobody is judged.
 */
export async function takeFromLostWorkers(
  database: Database,
  { judgeId, nowMs }: { readonly judgeId: string; readonly nowMs: number },
): Promise<readonly string[]> {
  const { rows } = await asWorker(database, async (tx) => {
    const lost = await tx.query<{ id: string; job_worker_ids: string[] }>(
      `update mailroom.workers set lost_at = mailroom.now(), lanes_held = 0, sent_per_second = 0
       where lost_at is null and stopped_at is null and beat_at < mailroom.now() - $1 * interval '1 millisecond'
         and exists (select from mailroom.workers me
           where me.id = $2 and me.beat_at >= mailroom.now() - $1 * interval '1 millisecond')
         and mailroom.now() < to_timestamp($3::float8 / 1000)
       returning id, job_worker_ids`,
      [leaseMs, judgeId, nowMs + leaseMs / 2],
    );
    if (lost.rows.length === 0) return lost;
    await tx.query(
      `update mailroom.lanes set holder = null, lease_expires_at = null, generation = generation + 1
       where holder = any ($1::uuid[])`,
      [lost.rows.map(({ id }) => id)],
    );
    return lost;
  });
  const jobWorkerIds = rows.flatMap(({ job_worker_ids }) => job_worker_ids);
  if (jobWorkerIds.length > 0) await unlockJobs(database, jobWorkerIds);
  return rows.map(({ id }) => id);
}

/** By itself graphile-worker keeps the jobs of a process that has ended locked for four hours. */
export async function unlockJobs(database: Database, jobWorkerIds: readonly string[]): Promise<void> {
  await asOwner(database, (tx) =>
    tx.query('select graphile_worker.force_unlock_workers($1::text[])', [jobWorkerIds]),
  );
}

/** Forgets workers that ended a week ago, and what was sent in each minute of the day before. */
export async function tidyFleet(database: Database): Promise<void> {
  await asWorker(database, async (tx) => {
    await tx.query(
      "delete from mailroom.workers where coalesce(stopped_at, lost_at) < mailroom.now() - interval '7 days'",
    );
    await tx.query("delete from mailroom.fleet_minutes where minute < mailroom.now() - interval '1 day'");
  });
}
