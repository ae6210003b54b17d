import type { Task } from 'graphile-worker';
import { asWorker, type Database } from '#db/client.ts';

const batchSize = 5000;

/** Forgets idempotency keys after 24 hours, in batches that hold no lock for long. */
export function cleanIdempotencyKeysTask(database: Database): Task {
  return async () => {
    for (;;) {
      const { rowCount } = await asWorker(database, (tx) =>
        tx.query(
          `delete from mailroom.idempotency_keys k using (
             select project_id, key from mailroom.idempotency_keys
             where created_at < mailroom.now() - interval '24 hours' limit $1 for update skip locked
           ) old where k.project_id = old.project_id and k.key = old.key`,
          [batchSize],
        ),
      );
      if ((rowCount ?? 0) < batchSize) return;
    }
  };
}
