import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type Database } from '#db/client.ts';
import { endWithFile } from '#tests/support/file-endings.ts';

export interface TestDatabase {
  readonly connectionString: string;
  readonly database: Database;
  /** Moves the clock that SQL reads (`mailroom.now()`) for new connections: an interval such as "25 hours". */
  shiftClock(interval: string): Promise<void>;
  drop(): Promise<void>;
}

function addressOf(name: string): string {
  return inject('postgresAddress').replace('%s', name);
}

/**
 * A database of its own for a test file, cloned from the migrated template. It is closed and dropped when
 * the file ends.
 */
export async function createTestDatabase(options: { maxConnections?: number } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(`create database ${name} template mailroom_template`);
  const connectionString = addressOf(name);
  const database = createDatabase({ connectionString, maxConnections: options.maxConnections ?? 10 });
  let dropped: Promise<void> | undefined;
  const drop = async (): Promise<void> => {
    await database.close();
    await administer(`drop database if exists ${name} with (force)`);
  };
  const testDatabase: TestDatabase = {
    connectionString,
    database,
    shiftClock: (interval) =>
      administer(`alter database ${name} set mailroom.clock_offset = ${pg.escapeLiteral(interval)}`),
    drop: () => (dropped ??= drop()),
  };
  endWithFile(() => testDatabase.drop());
  return testDatabase;
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: addressOf('postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
