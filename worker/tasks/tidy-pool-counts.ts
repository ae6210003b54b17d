import type { Task } from 'graphile-worker';
import type { Database } from '#db/client.ts';
import { tidyPoolCounts } from '#lib/pools/tidy-pool-counts.ts';

/** Forgets counts of pools and of the flood breaker that are past their windows. */
export function tidyPoolCountsTask(database: Database): Task {
  return () => tidyPoolCounts(database);
}
