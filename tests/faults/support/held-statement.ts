import pg from 'pg';
import { waitUntil } from '#tests/support/wait-for.ts';

/** A lock that a program runs into: it stands still at one known statement until the lock is let go. */
export interface HeldStatement {
  /** Resolves when it stands before the lock. */
  reached(): Promise<void>;
  release(): Promise<void>;
}

export interface HoldOptions {
  /** The statement that takes the lock, and its values. */
  readonly lock: string;
  readonly values?: readonly unknown[];
  /** Who is to run into it, by the name of its connections; a worker by default. */
  readonly from?: string;
}

/** Takes a lock in a transaction of its own. */
export async function holdStatement(
  databaseUrl: string,
  { lock, values = [], from = 'mailroom-worker' }: HoldOptions,
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
        `${from} before the lock`,
        async () => {
          // Within one transaction the list of sessions stays as it was first read.
          await client.query('select pg_stat_clear_snapshot()');
          const { rowCount } = await client.query(
            `select from pg_stat_activity
             where application_name = $2 and $1 = any (pg_blocking_pids(pid)) limit 1`,
            [pid, from],
          );
          return rowCount === 1;
        },
        { withinMs: 30_000, everyMs: 10 },
      );
    },
    release: () => client.end(),
  };
}
