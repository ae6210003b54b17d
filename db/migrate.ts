import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { Logger, runMigrations } from 'graphile-worker';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const migrationsFolder = join(dirname(fileURLToPath(import.meta.url)), 'migrations');
const migrationsSchema = 'mailroom_migrations';
const migrationsTable = 'applied';

// Any number that nothing else locks: two starts at once migrate one after the other.
const migrationLock = 7_234_501_886;

/** How the database stands to this code: `behind` wants migrations, `ahead` was migrated by a newer Mailroom. */
export type MigrationState = 'current' | 'behind' | 'ahead';

export class NewerDatabaseError extends Error {
  constructor() {
    super('This database was migrated by a newer Mailroom. Start that version, or a later one, against it.');
    this.name = 'NewerDatabaseError';
  }
}

interface Queryable {
  query(text: string): Promise<{ rows: readonly Record<string, unknown>[] }>;
}

/**
 * Brings a database up to this code: graphile-worker's tables, then ours, all under one advisory lock.
 * `connectionString` must reach Postgres itself, not a pooler in transaction mode.
 */
export async function migrateDatabase(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, application_name: 'mailroom-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    if ((await migrationState(client)) === 'ahead') throw new NewerDatabaseError();
    await runMigrations({ connectionString, logger: new Logger(() => () => undefined) });
    await migrate(drizzle(client), { migrationsFolder, migrationsSchema, migrationsTable });
  } finally {
    await client.end();
  }
}

/** Compares the migrations that this code brings with those that the database has had. */
export async function migrationState(connection: Queryable): Promise<MigrationState> {
  const known = readMigrationFiles({ migrationsFolder }).map((migration) => migration.folderMillis);
  const newest = Math.max(...known);
  const table = await connection.query(
    `select to_regclass('${migrationsSchema}.${migrationsTable}') as name`,
  );
  if (table.rows[0]?.['name'] === null) return 'behind';
  const applied = await connection.query(
    `select coalesce(max(created_at), 0)::float8 as newest from ${migrationsSchema}.${migrationsTable}`,
  );
  const reached = Number(applied.rows[0]?.['newest']);
  if (reached > newest) return 'ahead';
  return reached < newest ? 'behind' : 'current';
}

/** Makes a database when the server does not have it yet. `adminAddress` names another database of the server. */
export async function ensureDatabase(adminAddress: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminAddress });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
