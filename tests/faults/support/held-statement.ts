import pg from 'pg';
import { waitUntil } from '#tests/support/wait-for.ts';

/** A lock that a worker runs into: it stands still at one known statement until the lock is let go. */
export interface HeldStatement {
  /** Resolves when a worker stands before the lock. */
  reached(): Promise<void>;
  release(): Promise<void>;
}

/** Takes a lock by this statement, in a transaction of its own. */
export async function holdStatement(
  databaseUrl: string,
  lock: string,
  values: readonly unknown[] = [],
): Promise<HeldStatement> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'fault-hold' });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query(lock, [...values]);
  const own = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = own.rows[0]?.pid;
  return {
    reached: async () => {
      await waitUntil(
        'a worker before the lock',
        async () => {
          // Within one transaction the list of sessions stays as it was first read.
          await client.query('select pg_stat_clear_snapshot()');
          const { rowCount } = await client.query(
            `select from pg_stat_activity
             where application_name = 'mailroom-worker' and $1 = any (pg_blocking_pids(pid)) limit 1`,
            [pid],
          );
          return rowCount === 1;
        },
        { withinMs: 30_000, everyMs: 10 },
      );
    },
    release: () => client.end(),
  };
}
