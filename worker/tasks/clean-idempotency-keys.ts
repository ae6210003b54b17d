import type { Task } from 'graphile-worker';
import type { Database } from '#db/client.ts';
import { forgetIdempotencyKeys } from '#lib/messages/forget-idempotency-keys.ts';

/** Forgets idempotency keys that nobody may use again. */
export function cleanIdempotencyKeysTask(database: Database): Task {
  return async () => {
    await forgetIdempotencyKeys(database);
  };
}
