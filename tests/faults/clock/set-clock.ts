import { administer } from '../support/postgres.ts';
import type { ServerGround } from '../support/ground.ts';

/** Sets the clock that SQL reads, for every session at the same moment; it goes on from there. */
export async function setClock(ground: ServerGround, atMs: number): Promise<void> {
  await shiftClock(ground, `${Math.round(atMs - Date.now())} milliseconds`);
}

/** As `setClock`, by an interval from the true time. */
export async function shiftClock({ server }: ServerGround, offset: string): Promise<void> {
  await administer(server, `alter system set mailroom.clock_offset = '${offset}'`);
  await administer(server, 'select pg_reload_conf()');
}
