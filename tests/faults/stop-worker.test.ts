import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import {
  attemptsOf,
  makeScene,
  queueLength,
  queueMails,
  waitForStates,
} from '#tests/integration/queue/queue-scene.ts';
import { startFastSink, type FastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { startWorkerProcess } from './worker-process.ts';

let db: TestDatabase;
let sink: FastSink;

beforeAll(async () => {
  db = await createTestDatabase();
});

afterEach(() => sink.close());

test('a worker stopped past its lease writes nothing when it goes on (SIGSTOP, SIGCONT)', async () => {
  sink = await startFastSink();
  const scene = await makeScene(db.database, { port: sink.port });
  const first = await startWorkerProcess(db);
  const ids = await queueMails(db.database, scene, 2000);
  await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= 300, { everyMs: 1 });
  first.signal('SIGSTOP');
  const second = await startWorkerProcess(db);
  await waitForStates(db.database, scene, { sent: 2000 }, 90_000);
  const before = sink.counts().mails;
  first.signal('SIGCONT');
  await waitUntil('the stopped worker enters anew', async () => (await livingWorkers()) === 2, {
    withinMs: 30_000,
  });

  const arrivals = sink.counts().messageIds;
  expect(arrivals.size).toBe(ids.length);
  const attempts = await attemptsOf(db.database, scene);
  for (const [messageId, times] of [...arrivals].filter(([, count]) => count > 1)) {
    expect(times).toBe(2);
    const own = attempts.filter(({ message_id }) => `<${message_id}@test>` === messageId);
    expect(own.some(({ repeat }) => repeat)).toBe(true);
  }
  // What it had not handed over when it was stopped, it never hands over.
  expect(sink.counts().mails).toBe(before);
  await waitForStates(db.database, scene, { sent: 2000 });
  expect(await queueLength(db.database, scene)).toBe(0);
  await Promise.all([first.stop(10_000), second.stop(10_000)]);
});

test('a worker that is asked to end finishes what is under way, gives the rest back and exits 0', async () => {
  sink = await startFastSink();
  const scene = await makeScene(db.database, { port: sink.port });
  const first = await startWorkerProcess(db);
  const ids = await queueMails(db.database, scene, 3000);
  await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= 300, { everyMs: 1 });
  const exit = await first.stop(20_000);
  expect(exit.code).toBe(0);
  const left = await queueLength(db.database, scene);
  expect(left).toBe(3000 - sink.counts().mails);
  expect(left).toBeGreaterThan(0);
  await waitForStates(db.database, scene, { queued: left });

  const second = await startWorkerProcess(db);
  await waitForStates(db.database, scene, { sent: 3000 }, 60_000);
  await second.stop(10_000);
  const { messageIds, mails } = sink.counts();
  expect(mails).toBe(3000);
  expect(messageIds.size).toBe(ids.length);
  expect((await attemptsOf(db.database, scene)).every(({ repeat }) => !repeat)).toBe(true);
});

async function livingWorkers(): Promise<number> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ count: number }>(
      `select count(*)::int as count from mailroom.workers
       where lost_at is null and stopped_at is null and beat_at > now() - interval '8 seconds'`,
    ),
  );
  return rows[0]?.count ?? 0;
}
