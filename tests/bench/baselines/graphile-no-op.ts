import { Logger, makeWorkerUtils, run } from 'graphile-worker';

/** Runs `count` jobs that do nothing through graphile-worker with its batching on; jobs per second. */
export async function graphileNoOpRate(connectionString: string, count: number): Promise<number> {
  const logger = new Logger(() => () => undefined);
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.addJobs(Array.from({ length: count }, () => ({ identifier: 'no_op', payload: {} })));
  // As our side does: both write whole pages at first.
  await utils.withPgClient((client) => client.query('checkpoint'));
  await utils.release();
  let done = 0;
  const all = Promise.withResolvers<void>();
  const startedMs = performance.now();
  const runner = await run({
    connectionString,
    logger,
    noHandleSignals: true,
    concurrency: 24,
    preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    taskList: {
      no_op: () => {
        done += 1;
        if (done === count) all.resolve();
      },
    },
  });
  await all.promise;
  const rate = (count / (performance.now() - startedMs)) * 1000;
  await runner.stop();
  return rate;
}
