import type { Task } from 'graphile-worker';
import type { Database } from '#db/client.ts';
import { tidyFleet } from '#lib/queue/fleet.ts';

/** Forgets workers that ended long ago, and their minutes. */
export function tidyFleetTask(database: Database): Task {
  return () => tidyFleet(database);
}
