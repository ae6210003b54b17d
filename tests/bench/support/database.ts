import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, createDatabase } from '#db/client.ts';
import { startEmbeddedPostgres } from '#db/embedded.ts';
import { migrateDatabase } from '#db/migrate.ts';

export interface BenchDatabase {
  readonly address: string;
  readonly database: Database;
  /** Commits and WAL bytes since the server started; take the difference of two. */
  work(): Promise<{ commits: number; walBytes: number }>;
  stop(): Promise<void>;
}

/** A migrated Postgres of its own with the durable settings that a first start has (fsync on). */
export async function startBenchDatabase(
  settings: Readonly<Record<string, string | number>> = {},
): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'mailroom-bench-'));
  // Run by root, Postgres has an account of its own: where that cannot enter, its data would lie elsewhere and stay.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ folder, settings });
  const admin = createDatabase({ connectionString: server.address('postgres'), maxConnections: 1 });
  await admin.pool.query('create database mailroom');
  await admin.close();
  const address = server.address('mailroom');
  await migrateDatabase(address);
  const database = createDatabase({ connectionString: address, maxConnections: 4 });
  return {
    address,
    database,
    work: async () => {
      const { rows } = await database.pool.query<{ commits: number; wal: number }>(
        `select xact_commit::float8 as commits, (pg_current_wal_lsn() - '0/0')::float8 as wal
         from pg_stat_database where datname = current_database()`,
      );
      return { commits: rows[0]?.commits ?? 0, walBytes: rows[0]?.wal ?? 0 };
    },
    stop: async () => {
      await database.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
