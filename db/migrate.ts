import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Logger, runMigrations } from 'graphile-worker';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrationsSchema, migrationsTable, migrationState } from './migration-state.ts';

const migrationsFolder = join(dirname(fileURLToPath(import.meta.url)), 'migrations');

// Any number that nothing else locks: two starts at once migrate one after the other.
const migrationLock = 7_234_501_886;

export class NewerDatabaseError extends Error {
  constructor() {
    super('This database was migrated by a newer Mailroom. Start that version, or a later one, against it.');
    this.name = 'NewerDatabaseError';
  }
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
    const state = await migrationState(client);
    if (state === 'ahead' || state === 'outdated') throw new NewerDatabaseError();
    await runMigrations({ connectionString, logger: new Logger(() => () => undefined) });
    await migrate(drizzle(client), { migrationsFolder, migrationsSchema, migrationsTable });
  } finally {
    await client.end();
  }
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
