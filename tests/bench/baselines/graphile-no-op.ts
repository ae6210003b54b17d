import { Logger, makeWorkerUtils, run } from 'graphile-worker';

/** Runs `count` jobs that do nothing through graphile-worker with its batching on; jobs done in the database per second. */
export async function graphileNoOpRate(connectionString: string, count: number): Promise<number> {
  const logger = new Logger(() => () => undefined);
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.addJobs(Array.from({ length: count }, () => ({ identifier: 'no_op', payload: {} })));
  // As our side does: both write whole pages at first.
  await utils.withPgClient((client) => client.query('checkpoint'));
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
  // Jobs leave the table in batches, as mails leave the queue.
  await utils.withPgClient(untilNoJob);
  const rate = (count / (performance.now() - startedMs)) * 1000;
  await runner.stop();
  await utils.release();
  return rate;
}

async function untilNoJob(client: { query(text: string): Promise<{ rows: unknown[] }> }): Promise<void> {
  while (
    (await client.query("select from graphile_worker.jobs where task_identifier = 'no_op' limit 1")).rows
      .length > 0
  ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
