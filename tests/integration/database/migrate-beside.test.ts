import type { MigrationMeta } from 'drizzle-orm/migrator';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import {
  applyMigrations,
  lockTimeout,
  MigrationBlockedError,
  withoutBlocking,
} from '#db/apply-migrations.ts';
import { asOwner } from '#db/client.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { makeScene, queueMails, waitForStates } from '#tests/integration/queue/queue-scene.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';

const db = await createTestDatabase();
const { database } = db;
const keep = closeAfterEach();

const sessions: pg.Client[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.end().catch(() => undefined);
});

async function openSession(setting: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: db.connectionString, options: `-c ${setting}` });
  client.on('error', () => undefined);
  await client.connect();
  sessions.push(client);
  return client;
}

const openMigrator = (): Promise<pg.Client> => openSession(`lock_timeout=${lockTimeout}`);

let number = 0;
function migration(...sql: string[]): MigrationMeta {
  number += 1;
  return { sql, bps: true, folderMillis: 1_900_000_000_000 + number, hash: `later ${number}` };
}

/** The list of what a migration has told, and the first of it. */
function listener() {
  const lines: string[] = [];
  const first = Promise.withResolvers<void>();
  const notice = (line: string): void => {
    lines.push(line);
    first.resolve();
  };
  return { lines, notice, told: first.promise };
}

async function hasColumn(table: string, column: string): Promise<boolean> {
  const { rowCount } = await asOwner(database, (tx) =>
    tx.query(
      `select from information_schema.columns where table_schema = 'mailroom' and table_name = $1 and column_name = $2`,
      [table, column],
    ),
  );
  return rowCount === 1;
}

test('a migration gives way to a long transaction, mail goes on meanwhile, and it succeeds afterwards', async () => {
  const sink = await startFastSink();
  keep(sink);
  const scene = await makeScene(database, { port: sink.port });
  const reader = await openSession('application_name=reader');
  await reader.query('begin; select count(*) from mailroom.queue_entries');
  const { lines, notice, told } = listener();
  const migrated = applyMigrations(await openMigrator(), notice, [
    migration('alter table mailroom.queue_entries add column later integer not null default 0'),
  ]);
  await told;
  const worker = await runWorker(testServices(database));
  keep({ close: () => worker.stop() });
  await queueMails(database, scene, 300);
  await waitForStates(database, scene, { sent: 300 });
  expect(await hasColumn('queue_entries', 'later')).toBe(false);
  await reader.query('commit');
  await migrated;
  expect(await hasColumn('queue_entries', 'later')).toBe(true);
  expect(lines[0]).toMatch(
    /^Migration \d+ waits: another session holds a lock that it needs\. Try 2 in 0\.5 s\.$/,
  );
  expect(lines.at(-1)).toMatch(/^Migration \d+ is applied\.$/);
});

test('one that meets others crosswise is tried again', async () => {
  await asOwner(database, (tx) =>
    tx.query('create table mailroom.one (id int); create table mailroom.two (id int)'),
  );
  // Of two that wait for each other the one whose patience ends first is ended.
  const other = await openSession('deadlock_timeout=60s');
  await other.query('begin; lock table mailroom.two in share mode');
  const migrator = await openSession('lock_timeout=30s');
  const { lines, notice, told } = listener();
  const migrated = applyMigrations(migrator, notice, [
    migration(
      'alter table mailroom.one add column later int',
      'alter table mailroom.two add column later int',
    ),
  ]);
  await waitUntil('the first table altered', async () => {
    const { rowCount } = await other.query(
      `select from pg_locks where relation = 'mailroom.one'::regclass and mode = 'AccessExclusiveLock' and granted`,
    );
    return rowCount === 1;
  });
  await other.query('lock table mailroom.one in share mode; commit');
  await told;
  await migrated;
  expect(lines[0]).toContain('it and another session waited for each other');
  expect(await hasColumn('one', 'later')).toBe(true);
  expect(await hasColumn('two', 'later')).toBe(true);
});

test('after a crash between two migrations the next run goes on with the second', async () => {
  const later = [
    migration('create table mailroom.three (id int)'),
    migration('create table mailroom.four (id int)', 'alter table mailroom.messages add column later int'),
  ];
  const reader = await openSession('application_name=reader');
  await reader.query('begin; select count(*) from mailroom.messages');
  const migrator = await openMigrator();
  const { notice, told } = listener();
  const crashed = applyMigrations(migrator, notice, later).catch((error: unknown) => error);
  await told;
  await migrator.end();
  expect(await crashed).toBeInstanceOf(Error);
  expect(await hasColumn('three', 'id')).toBe(true);
  expect(await hasColumn('four', 'id')).toBe(false);
  await reader.query('commit');
  await applyMigrations(await openMigrator(), notice, later);
  expect(await hasColumn('four', 'id')).toBe(true);
  expect(await hasColumn('messages', 'later')).toBe(true);
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ hash: string }>(
      'select hash from mailroom_migrations.applied where hash = any ($1) order by created_at',
      [later.map(({ hash }) => hash)],
    ),
  );
  expect(rows.map(({ hash }) => hash)).toEqual(later.map(({ hash }) => hash));
});

test('what is wrong with a migration itself is not tried again', async () => {
  const { lines, notice } = listener();
  const failed = applyMigrations(await openMigrator(), notice, [migration('select 1 / 0')]);
  await expect(failed).rejects.toThrow('division by zero');
  expect(lines).toEqual([]);
});

test('one that never gets its locks says so in the end, with what to do', async () => {
  const blocked = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
  const { lines, notice } = listener();
  const failed = withoutBlocking('Migration 0042', notice, () => Promise.reject(blocked), 600);
  await expect(failed).rejects.toThrow(MigrationBlockedError);
  await expect(failed).rejects.toThrow('Migration 0042 was tried 2 times and never got its locks');
  expect(lines).toHaveLength(1);
});
