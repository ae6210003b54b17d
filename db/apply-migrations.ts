import { readMigrationFiles, type MigrationMeta } from 'drizzle-orm/migrator';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import journal from './migrations/meta/_journal.json' with { type: 'json' };
import { migrationsSchema, migrationsTable } from './migration-state.ts';

const migrationsFolder = join(dirname(fileURLToPath(import.meta.url)), 'migrations');

/**
 * `lock_timeout` of a session that migrates: a table that it waits for is closed to everybody who comes after it, and mail
 * must not stand still for longer.
 */
export const lockTimeout = '1500ms';
/** Waits between tries, in ms; the last one repeats. */
const waitsMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
const giveUpAfterMs = 10 * 60_000;

/** Told in a sentence when a migration has to wait for others. */
export type MigrationNotice = (line: string) => void;

export class MigrationBlockedError extends Error {
  constructor(what: string, tries: number, cause: unknown) {
    super(
      `${what} was tried ${tries} times and never got its locks: another session holds them. Nothing of it was applied. End that session, or come back when less is going on, and run it again.`,
      { cause },
    );
    this.name = 'MigrationBlockedError';
  }
}

/**
 * Applies what the database has not had yet, each migration in a transaction of its own: after a crash the next run goes
 * on where this one ended. `client` is a session that nothing else uses, with `lockTimeout`.
 */
export async function applyMigrations(
  client: pg.Client,
  notice: MigrationNotice,
  migrations: readonly MigrationMeta[] = readMigrationFiles({ migrationsFolder }),
): Promise<void> {
  const applied = `${migrationsSchema}.${migrationsTable}`;
  await client.query(`create schema if not exists ${migrationsSchema}`);
  await client.query(
    `create table if not exists ${applied} (id serial primary key, hash text not null, created_at bigint)`,
  );
  const { rows } = await client.query<{ newest: number }>(
    `select coalesce(max(created_at), 0)::float8 as newest from ${applied}`,
  );
  for (const { folderMillis, hash, sql } of migrations) {
    if (folderMillis <= (rows[0]?.newest ?? 0)) continue;
    await withoutBlocking(nameOf(folderMillis), notice, () =>
      inTransaction(client, async () => {
        for (const statement of sql) await client.query(statement);
        await client.query(`insert into ${applied} (hash, created_at) values ($1, $2)`, [hash, folderMillis]);
      }),
    );
  }
}

/**
 * Tries `work` again, with growing waits, while others hold the locks that it needs or it met them crosswise. It must
 * leave nothing behind when it fails.
 * @throws MigrationBlockedError where it was so for `withinMs`
 */
export async function withoutBlocking(
  what: string,
  notice: MigrationNotice,
  work: () => Promise<void>,
  withinMs = giveUpAfterMs,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      if (tries > 1) notice(`${what} is applied.`);
      return;
    } catch (error) {
      const blocked = blockedBy(error);
      if (blocked === null) throw error;
      const waitMs = waitsMs[Math.min(tries, waitsMs.length) - 1] ?? 0;
      if (performance.now() + waitMs > endMs) throw new MigrationBlockedError(what, tries, error);
      notice(`${what} waits: ${blocked}. Try ${tries + 1} in ${waitMs / 1000} s.`);
      await pause(waitMs);
    }
  }
}

// SQLSTATE lock_not_available and deadlock_detected (PostgreSQL, appendix A).
function blockedBy(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === '55P03') return 'another session holds a lock that it needs';
  return code === '40P01' ? 'it and another session waited for each other' : null;
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    // Where the connection is gone there is nothing to roll back, and the first error says why.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

function nameOf(folderMillis: number): string {
  return `Migration ${journal.entries.find((entry) => entry.when === folderMillis)?.tag ?? folderMillis}`;
}
