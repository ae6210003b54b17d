import type { TestDatabase } from '#tests/support/database.ts';
import { testKeys } from '#tests/support/factories.ts';
import { spawnProgram, type SpawnedProcess } from '#tests/support/processes.ts';
import { waitForLine } from '#tests/support/wait-for.ts';

export interface WorkerProcess extends SpawnedProcess {
  /** Of the worker itself, as its row in the list of workers has it. */
  readonly workerPid: number;
}

/** A real worker on this database; resolves when it is at work. */
export async function startWorkerProcess(
  db: Pick<TestDatabase, 'connectionString'>,
  changes: Readonly<Record<string, string>> = {},
): Promise<WorkerProcess> {
  const worker = spawnProgram('worker/main.ts', {
    env: {
      DATABASE_URL: db.connectionString,
      MAILROOM_KEYS: testKeys,
      MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8',
      LOG_LEVEL: 'info',
      ...changes,
    },
  });
  const ready = await waitForLine(worker.stdout, /"pid":(\d+)[^\n]*worker ready/);
  return { ...worker, workerPid: Number(ready[1]) };
}
