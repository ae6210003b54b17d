import { asWorker, type Database } from '#db/client.ts';

const batchSize = 5000;

/** Forgets idempotency keys after 24 hours, in batches that hold no lock for long. Answers how many. */
export async function forgetIdempotencyKeys(database: Database): Promise<number> {
  for (let forgotten = 0; ;) {
    const { rowCount } = await asWorker(database, (tx) => tx.query(statement, [batchSize]));
    forgotten += rowCount ?? 0;
    if ((rowCount ?? 0) < batchSize) return forgotten;
  }
}

// A key that is just used again is young by the time that its row can be deleted, and stays.
const statement = `
delete from mailroom.idempotency_keys k using (
  select project_id, key from mailroom.idempotency_keys
  where created_at < mailroom.now() - interval '24 hours' limit $1
) old
where k.project_id = old.project_id and k.key = old.key and k.created_at < mailroom.now() - interval '24 hours'`;
