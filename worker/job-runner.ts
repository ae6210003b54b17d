import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger, run, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker';
import pg from 'pg';
import type { Log } from '#lib/context.ts';
import { crontab } from './crontab.ts';

export interface JobRunnerOptions {
  /** Must reach Postgres itself: jobs are announced by LISTEN. */
  readonly connectionString: string;
  readonly tasks: TaskList;
  readonly log: Log;
}

export interface JobRunner {
  /** Names under which jobs are locked at the moment. */
  workerIds(): readonly string[];
  stop(): Promise<void>;
}

const restartAfterMs = 1000;
const concurrentJobs = 4;

// Without a batch graphile-worker 0.18 ends each job by a promise that nobody awaits: a Postgres that dies at that moment
// would take the whole process with it. In a batch the fault ends the runner, which is started again.
const batched = { completeJobBatchDelay: 0, failJobBatchDelay: 0 };

/**
 * Runs jobs for as long as the process lives. graphile-worker gives up after a longer outage of the database; it is
 * then started again, and the worker's own sweep finds mail meanwhile.
 */
export async function startJobRunner(options: JobRunnerOptions): Promise<JobRunner> {
  const { log } = options;
  const ids = new Set<string>();
  const pgPool = openPool(options.connectionString);
  const stopping = new AbortController();
  let runner: Runner | null = await startRunner(options, pgPool, ids).catch((error: unknown) => {
    log.warn({ err: error }, 'the job runner did not start; it tries again');
    return null;
  });

  async function keepRunning(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        runner ??= await startRunner(options, pgPool, ids);
        failures = 0;
        await runner.promise;
      } catch (error) {
        failures += 1;
        // Of a longer outage the first turn says enough.
        if (!stopping.signal.aborted && failures === 1) {
          log.warn({ err: error }, 'the job runner ended; it starts again');
        }
      }
      runner = null;
      await pause(restartAfterMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const kept = keepRunning();
  return {
    workerIds: () => [...ids],
    async stop() {
      stopping.abort();
      await runner
        ?.stop()
        .catch((error: unknown) => log.warn({ err: error }, 'the job runner did not end cleanly'));
      await kept;
      await pgPool.end();
    },
  };
}

/** A pool that graphile-worker makes itself loses its listeners with the runner, and a cut connection ends the process. */
function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: concurrentJobs,
    application_name: 'mailroom-worker',
    keepAlive: true,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function startRunner(
  { tasks, log }: JobRunnerOptions,
  pgPool: pg.Pool,
  ids: Set<string>,
): Promise<Runner> {
  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => ids.add(workerPool.id));
  events.on('pool:release', ({ workerPool }) => ids.delete(workerPool.id));
  return run({
    pgPool,
    taskList: tasks,
    crontab,
    events,
    logger: toLogger(log),
    noHandleSignals: true,
    preset: { worker: { concurrentJobs, pollInterval: 2000, ...batched } },
  });
}

function toLogger(log: Log): Logger {
  return new Logger((scope) => (level, message) => {
    const fields = { from: 'graphile-worker', label: scope.label, jobId: scope.jobId };
    if (level === 'error') log.error(fields, message);
    else if (level === 'warning') log.warn(fields, message);
    else log.debug(fields, message);
  });
}
