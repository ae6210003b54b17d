import { asWorker } from '#db/client.ts';
import { EnvironmentError, readServiceEnvironment, type ServiceEnvironment } from '#lib/env.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { openServices } from '#lib/services.ts';
import { startJobRunner, type JobRunner } from './job-runner.ts';
import { taskRegistry } from './registry.ts';

const finishWithinMs = 25_000;

await start();

async function start(): Promise<void> {
  let environment: ServiceEnvironment;
  try {
    environment = readServiceEnvironment(process.env);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${error.sentences.join('\n')}\n`);
    process.exitCode = 1;
    return;
  }
  await work(environment);
}

async function work(environment: ServiceEnvironment): Promise<void> {
  const services = openServices(environment, { name: 'worker' });
  const { database, log } = services;
  await asWorker(database, (tx) => tx.query('select mailroom.ensure_partitions()'));
  let jobs: JobRunner | null = null;
  const worker = await runWorker(services, {
    maxLanes: environment.workerConcurrency,
    finishWithinMs,
    jobWorkerIds: () => jobs?.workerIds() ?? [],
  });
  jobs = await startJobRunner({
    connectionString: environment.databaseDirectUrl,
    tasks: taskRegistry(services, (laneId) => worker.wake(laneId)),
    log,
  });
  log.info({ pid: process.pid }, 'worker ready');

  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    log.info({}, 'worker stops: it finishes what is under way');
    await jobs?.stop();
    await worker.stop();
    await database.close();
    log.info({}, 'worker stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
}
