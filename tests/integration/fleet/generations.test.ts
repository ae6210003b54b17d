import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { schemaNumber } from '#db/migration-state.ts';
import { startWorkerProcess } from '#tests/faults/worker-process.ts';
import {
  attemptsOf,
  makeScene,
  queueLength,
  queueMails,
  waitForStates,
} from '#tests/integration/queue/queue-scene.ts';
import { startFastSink, type FastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testKeys } from '#tests/support/factories.ts';
import { spawnProgram } from '#tests/support/processes.ts';
import { waitForLine, waitUntil } from '#tests/support/wait-for.ts';

const patient = { timeout: 180_000 };
let sink: FastSink;

beforeEach(async () => {
  sink = await startFastSink();
});

afterEach(() => sink.close());

/** What a later release's migration does: more columns and tables, and its line in the list. */
async function migrateOn({ database }: TestDatabase): Promise<void> {
  await asOwner(database, async (tx) => {
    await tx.query('alter table mailroom.messages add column later text');
    await tx.query('alter table mailroom.queue_entries add column later integer not null default 0');
    await tx.query('alter table mailroom.workers add column later text');
    await tx.query('create table mailroom.later (id uuid primary key)');
    await tx.query(
      `insert into mailroom_migrations.applied (hash, created_at) values ('later', 9999999999999)`,
    );
  });
}

function ruleOut({ database }: TestDatabase): Promise<unknown> {
  return asOwner(database, (tx) =>
    tx.query('update mailroom.installation set oldest_schema = $1', [schemaNumber + 1]),
  );
}

test('an older worker goes on under a newer schema, in mid-drain and after a restart', patient, async () => {
  const db = await createTestDatabase();
  const scene = await makeScene(db.database, { port: sink.port });
  const worker = await startWorkerProcess(db);
  await queueMails(db.database, scene, 2000);
  await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= 200, { everyMs: 1 });
  await migrateOn(db);
  await waitForStates(db.database, scene, { sent: 2000 });
  expect((await worker.stop(20_000)).code).toBe(0);
  const again = await startWorkerProcess(db);
  await queueMails(db.database, scene, 10);
  await waitForStates(db.database, scene, { sent: 2010 });
  expect(sink.counts().mails).toBe(2010);
  expect((await again.stop(20_000)).code).toBe(0);
});

test(
  'a worker that a migration rules out gives its mails back, ends, and does not start again',
  patient,
  async () => {
    const db = await createTestDatabase();
    const scene = await makeScene(db.database, { port: sink.port });
    const worker = await startWorkerProcess(db);
    await queueMails(db.database, scene, 1);
    await waitForStates(db.database, scene, { sent: 1 });
    await migrateOn(db);
    await ruleOut(db);
    // The rule holds at once: no lane is taken under it, and with its next beat the worker learns of it.
    await queueMails(db.database, scene, 20);
    expect((await worker.exited).code).toBe(1);
    expect(worker.output()).toContain('This worker is older than the database');
    expect(await queueLength(db.database, scene)).toBe(21 - sink.counts().mails);
    expect((await attemptsOf(db.database, scene)).every(({ outcome }) => outcome === 'accepted')).toBe(true);

    const again = spawnProgram('worker/main.ts', {
      env: { DATABASE_URL: db.connectionString, MAILROOM_KEYS: testKeys },
    });
    expect((await again.exited).code).toBe(1);
    expect(again.output()).toContain('Start that version, or a later one.');
  },
);

test('a newer worker waits for the migrations that it needs', patient, async () => {
  const db = await createTestDatabase();
  // One migration less, as the worker sees it.
  await asOwner(db.database, (tx) =>
    tx.query('update mailroom_migrations.applied set created_at = created_at - 100000000'),
  );
  const worker = spawnProgram('worker/main.ts', {
    env: { DATABASE_URL: db.connectionString, MAILROOM_KEYS: testKeys },
  });
  await waitForLine(worker.stdout, /run \\"npm run migrate\\"\. The worker waits/);
  await asOwner(db.database, (tx) =>
    tx.query('update mailroom_migrations.applied set created_at = created_at + 100000000'),
  );
  await waitForLine(worker.stdout, /worker ready/);
  expect((await worker.stop(20_000)).code).toBe(0);
});
