import { waitUntil } from '#tests/support/wait-for.ts';
import { administer } from '../support/postgres.ts';
import type { ServerGround } from '../support/ground.ts';

/** Sets the clock that SQL reads, for every session at the same moment; it goes on from there. */
export async function setClock(ground: ServerGround, atMs: number): Promise<void> {
  await shiftClock(ground, `${Math.round(atMs - Date.now())} milliseconds`);
}

/** As `setClock`, by an interval from the true time. Resolves when every session of this process shows it. */
export async function shiftClock({ server, ctx }: ServerGround, offset: string): Promise<void> {
  await administer(server, `alter system set mailroom.clock_offset = '${offset}'`);
  await administer(server, 'select pg_reload_conf()');
  const { pool } = ctx.database;
  await waitUntil(
    'the new time in every session',
    async () => {
      const clients = await Promise.all(Array.from({ length: pool.totalCount }, () => pool.connect()));
      const answers = await Promise.all(
        clients.map((client) =>
          client.query<{ shown: string }>("select current_setting('mailroom.clock_offset', true) as shown"),
        ),
      );
      for (const client of clients) client.release();
      return answers.every(({ rows }) => rows[0]?.shown === offset);
    },
    { everyMs: 10 },
  );
}
