import { setTimeout as pause } from 'node:timers/promises';
import type { Services } from '#lib/context.ts';
import { EnvironmentError, readServiceEnvironment, type ServiceEnvironment } from '#lib/env.ts';
import {
  awaitSchema,
  ensurePartitions,
  OutdatedCodeError,
  untilAnswered,
} from '#lib/queue/await-database.ts';
import { unlockJobs } from '#lib/queue/fleet.ts';
import { runWorker, type RunningWorker } from '#lib/queue/run-worker.ts';
import { openServices } from '#lib/services.ts';
import manifest from '../package.json' with { type: 'json' };
import { startJobRunner, type JobRunner } from './job-runner.ts';
import { taskRegistry } from './registry.ts';
import { listenToStops, type Stops } from './stops.ts';

/** No statement of the worker takes so long: a database that vanished without a word is noticed by it. */
const answerTimeoutMs = 30_000;
/** A job that is still at it when all mail is settled gets so long. */
const jobsWithinMs = 5000;

process.exit(await start());

/** Runs until it is asked to stop; answers the exit code. */
async function start(): Promise<number> {
  try {
    return await work(readServiceEnvironment(process.env), listenToStops());
  } catch (error) {
    if (!(error instanceof EnvironmentError) && !(error instanceof OutdatedCodeError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function work(environment: ServiceEnvironment, stops: Stops): Promise<number> {
  const services = openServices(environment, { name: 'worker', answerTimeoutMs });
  const { log } = services;
  if (!(await awaitSchema(services, stops.signal))) return 0;
  let jobs: JobRunner | null = null;
  const begin = async (): Promise<RunningWorker> => {
    await ensurePartitions(services);
    return runWorker(services, {
      maxLanes: environment.workerConcurrency,
      finishWithinMs: environment.stopWithinMs,
      version: manifest.version,
      onOutdated: () => stops.stop('outdated'),
      jobWorkerIds: () => jobs?.workerIds() ?? [],
    });
  };
  const worker = await untilAnswered(begin, { log, signal: stops.signal });
  if (worker === null) return 0;
  jobs = await startJobRunner({
    connectionString: environment.databaseDirectUrl,
    tasks: taskRegistry(services, (laneId) => worker.wake(laneId)),
    log,
  });
  log.info({ pid: process.pid }, 'worker ready');

  const reason = await stops.first;
  if (reason === 'outdated') log.error({}, new OutdatedCodeError().message);
  log.info(
    { withinMs: environment.stopWithinMs },
    'worker stops: its lanes go to others, and it finishes what is under way',
  );
  stops.onAgain(() => {
    log.warn({}, 'asked again to stop: what is under way ends now');
    worker.hurry();
  });
  const isClean = await end(services, worker, jobs);
  if (isClean) log.info({}, 'worker stopped');
  return isClean && reason === 'asked' ? 0 : 1;
}

async function end(services: Services, worker: RunningWorker, jobs: JobRunner): Promise<boolean> {
  // Both begin at once: no job is taken for a worker that sends nothing more.
  const jobsEnded = jobs.stop().then(() => true);
  try {
    await worker.stop();
  } catch (error) {
    services.log.error(
      { err: error },
      'the worker ends all the same: mails under way count as after a crash',
    );
    return false;
  }
  const late = pause(jobsWithinMs, false, { ref: false });
  // Left alone graphile-worker would keep a job that goes on locked for four hours.
  if (!(await Promise.race([jobsEnded, late]))) await unlockJobs(services.database, jobs.workerIds());
  else await services.database.close();
  return true;
}
