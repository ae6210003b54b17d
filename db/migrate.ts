import { Logger, runMigrations } from 'graphile-worker';
import pg from 'pg';
import { applyMigrations, lockTimeout, type MigrationNotice, withoutBlocking } from './apply-migrations.ts';
import { migrationState } from './migration-state.ts';

// Any number that nothing else locks: two starts at once migrate one after the other.
const migrationLock = 7_234_501_886;

export class NewerDatabaseError extends Error {
  constructor() {
    super('This database was migrated by a newer Mailroom. Start that version, or a later one, against it.');
    this.name = 'NewerDatabaseError';
  }
}

/**
 * Brings a database up to this code: graphile-worker's tables, then ours, all under one advisory lock. Under running
 * workers and portals it gives way where a lock is not to be had soon, and tries again; `notice` is told so.
 * `connectionString` must reach Postgres itself, not a pooler in transaction mode.
 * @throws MigrationBlockedError where the locks were not to be had for ten minutes
 */
export async function migrateDatabase(
  connectionString: string,
  notice: MigrationNotice = () => undefined,
): Promise<void> {
  const client = new pg.Client({ connectionString, application_name: 'mailroom-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const state = await migrationState(client);
    if (state === 'ahead' || state === 'outdated') throw new NewerDatabaseError();
    await client.query("select set_config('lock_timeout', $1, false)", [lockTimeout]);
    await migrateJobs(connectionString, notice);
    await applyMigrations(client, notice);
  } finally {
    await client.end();
  }
}

/** The tables of graphile-worker, which keeps a list of its own. */
async function migrateJobs(connectionString: string, notice: MigrationNotice): Promise<void> {
  const pgPool = new pg.Pool({ connectionString, max: 1, options: `-c lock_timeout=${lockTimeout}` });
  // graphile-worker asks for both.
  pgPool.on('error', () => undefined);
  pgPool.on('connect', (client) => client.on('error', () => undefined));
  try {
    const logger = new Logger(() => () => undefined);
    await withoutBlocking("The migration of graphile-worker's tables", notice, () =>
      runMigrations({ pgPool, logger }),
    );
  } finally {
    await pgPool.end();
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
