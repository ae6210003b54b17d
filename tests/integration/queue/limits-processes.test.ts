import { afterEach, beforeAll, expect, test } from 'vitest';
import { startWorkerProcess } from '#tests/faults/worker-process.ts';
import { startFastSink, type FastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { makeOrganization } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { limitProtocol, statesOf, usageOf } from './limit-scene.ts';
import { makeScene, queueMails, type Scene } from './queue-scene.ts';

let db: TestDatabase;
let sink: FastSink;

beforeAll(async () => {
  db = await createTestDatabase();
});

afterEach(() => sink.close());

test('eight worker processes, 5,000 mails of 20 projects, a limit of 1,000: exactly 1,000 leave', async () => {
  sink = await startFastSink();
  const organization = await makeOrganization(db.database);
  const scenes: Scene[] = [];
  for (let count = 0; count < 20; count += 1) {
    scenes.push(await makeScene(db.database, { port: sink.port, maxConnections: 4 }, organization));
  }
  await limitProtocol(db.database, { organization }, { mailsPerDay: 1000 });
  const workers = await Promise.all(
    Array.from({ length: 8 }, () => startWorkerProcess(db, { MAILROOM_DATABASE_CONNECTIONS: '4' })),
  );
  for (const scene of scenes) await queueMails(db.database, scene, 250);
  await waitUntil(
    'everything sent or held',
    async () => {
      const states = await statesOf(db.database, { organization });
      return (states['sent'] ?? 0) + (states['backlog'] ?? 0) === 5000;
    },
    { withinMs: 100_000, everyMs: 200 },
  );
  await Promise.all(workers.map((worker) => worker.stop(10_000)));
  expect(sink.counts().mails).toBe(1000);
  expect(sink.counts().messageIds.size).toBe(1000);
  expect(await usageOf(db.database, { organization })).toMatchObject({ mails: 1000, passed: 0 });
});

test('a mail whose worker dies between mark and outcome counts once', async () => {
  sink = await startFastSink();
  const organization = await makeOrganization(db.database);
  const scene = await makeScene(db.database, { port: sink.port }, organization);
  await limitProtocol(db.database, { organization }, { mailsPerDay: 1200 });
  const first = await startWorkerProcess(db);
  await queueMails(db.database, scene, 2000);
  await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= 300, { everyMs: 1 });
  first.signal('SIGKILL');
  await first.exited;
  const second = await startWorkerProcess(db);
  await waitUntil(
    'everything sent or held',
    async () => {
      const states = await statesOf(db.database, { organization });
      return (states['sent'] ?? 0) + (states['backlog'] ?? 0) === 2000;
    },
    { withinMs: 60_000, everyMs: 100 },
  );
  await second.stop(10_000);
  expect((await statesOf(db.database, { organization }))['sent']).toBe(1200);
  expect(sink.counts().messageIds.size).toBe(1200);
  expect(await usageOf(db.database, { organization })).toMatchObject({ mails: 1200, passed: 0 });
});
