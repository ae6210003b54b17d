import type { Task } from 'graphile-worker';
import type { Database } from '#db/client.ts';
import { tidyLimitUsage } from '#lib/limits/tidy-limit-usage.ts';

/** Folds and forgets the use of limits that is long past. */
export function tidyLimitUsageTask(database: Database): Task {
  return () => tidyLimitUsage(database);
}
