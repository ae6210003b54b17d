import type { Task } from 'graphile-worker';
import { asWorker, type Database } from '#db/client.ts';

/** Makes the months ahead in which contents and attempts lie. */
export function ensurePartitionsTask(database: Database): Task {
  return async () => {
    await asWorker(database, (tx) => tx.query('select mailroom.ensure_partitions()'));
  };
}
