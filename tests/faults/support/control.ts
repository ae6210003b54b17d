import { openRoom } from '../run-fault.ts';
import type { Endings } from './endings.ts';
import type { Innocent, Innocents } from './innocent.ts';
import { cloneDatabase, startFaultPostgres } from './postgres.ts';
import { startWorker } from './worker.ts';

/** Starts a Mailroom with a Postgres of its own that no fault touches: one project, one worker, a mail now and then. */
export async function startControl(home: string, endings: Endings, innocents: Innocents): Promise<Innocent> {
  const server = await startFaultPostgres(home, endings);
  const room = await openRoom(await cloneDatabase(server), endings, innocents);
  await startWorker(room.databaseUrl, endings);
  await room.innocent.start();
  return room.innocent;
}
