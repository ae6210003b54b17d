import { openRoom } from '../run-fault.ts';
import type { Endings } from './endings.ts';
import type { Innocent } from './innocent.ts';
import { cloneDatabase, startFaultPostgres } from './postgres.ts';
import { startWorker } from './worker.ts';

/** Starts a Mailroom with a Postgres of its own that no fault touches: one project, one worker, a mail now and then. */
export async function startControl(home: string, endings: Endings): Promise<Innocent> {
  const room = await openRoom(await cloneDatabase(await startFaultPostgres(home, endings)), endings);
  await startWorker(room.databaseUrl, endings);
  return room.innocent;
}
