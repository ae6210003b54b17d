import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import {
  attemptsOf,
  countStates,
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

test('a worker killed in mid-drain loses no mail, and repeats only what had started (PRODUCT 4.8)', async () => {
  sink = await startFastSink();
  const scene = await makeScene(db.database, { port: sink.port });
  const first = await startWorkerProcess(db);
  const ids = await queueMails(db.database, scene, 2000);
  await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= 500, { everyMs: 1 });
  first.signal('SIGKILL');
  await first.exited;
  const left = await queueLength(db.database, scene);
  expect(left).toBeGreaterThan(0);

  const second = await startWorkerProcess(db);
  await waitForStates(db.database, scene, { sent: 2000 }, 60_000);
  await second.stop(10_000);

  const arrivals = sink.counts().messageIds;
  expect(new Set(arrivals.keys())).toEqual(new Set(ids.map((id) => `<${id}@test>`)));
  const repeated = [...arrivals].filter(([, times]) => times > 1);
  const attempts = await attemptsOf(db.database, scene);
  for (const [messageId, times] of repeated) {
    const own = attempts.filter(({ message_id }) => `<${message_id}@test>` === messageId);
    expect(times).toBe(2);
    expect(own.map(({ outcome, repeat }) => ({ outcome, repeat }))).toEqual([
      { outcome: 'uncertain', repeat: false },
      { outcome: 'accepted', repeat: true },
    ]);
  }
  const uncertain = attempts.filter(({ outcome }) => outcome === 'uncertain');
  expect(uncertain.length).toBeGreaterThan(0);
  expect(uncertain.every(({ code }) => code === 'WORKER_LOST')).toBe(true);
  expect(await queueLength(db.database, scene)).toBe(0);
});

test('mails of a killed worker are eligible on another within 15 s', async () => {
  sink = await startFastSink();
  const scene = await makeScene(db.database, { port: sink.port });
  const [first, second] = await Promise.all([startWorkerProcess(db), startWorkerProcess(db)]);
  await queueMails(db.database, scene, 2000);
  await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= 200, { everyMs: 1 });
  const holder = await waitUntil('a holder', () => holderPid(scene.project.laneId));
  const [victim, survivor] = holder === first.workerPid ? [first, second] : [second, first];
  expect(victim.workerPid).toBe(holder);
  victim.signal('SIGKILL');
  await victim.exited;
  const atKill = sink.counts().mails;
  await waitUntil('the other worker sends', () => sink.counts().mails > atKill + 20, { withinMs: 15_000 });
  await waitForStates(db.database, scene, { sent: 2000 }, 60_000);
  expect(await lockedJobs()).toBe(0);
  await survivor.stop(10_000);
});

test('a project that holds doubtful mails keeps those of a killed worker for a person', async () => {
  sink = await startFastSink();
  const scene = await makeScene(db.database, { port: sink.port, sending: { uncertain: 'hold' } });
  const first = await startWorkerProcess(db);
  await queueMails(db.database, scene, 2000);
  await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= 300, { everyMs: 1 });
  first.signal('SIGKILL');
  await first.exited;
  const second = await startWorkerProcess(db);
  await waitUntil('an empty queue', async () => (await queueLength(db.database, scene)) === 0, {
    withinMs: 60_000,
  });
  await second.stop(10_000);
  const states = await countStates(db.database, scene);
  expect((states['sent'] ?? 0) + (states['uncertain'] ?? 0)).toBe(2000);
  expect([...sink.counts().messageIds.values()].every((times) => times === 1)).toBe(true);
  // Only what was on a connection at that moment can be in doubt.
  expect(states['uncertain'] ?? 0).toBeLessThanOrEqual(250);
});

async function holderPid(laneId: string): Promise<number | undefined> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ pid: number }>(
      'select w.pid from mailroom.lanes l join mailroom.workers w on w.id = l.holder where l.id = $1',
      [laneId],
    ),
  );
  return rows[0]?.pid;
}

async function lockedJobs(): Promise<number> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ count: number }>(
      `select count(*)::int as count from graphile_worker._private_jobs where locked_at < now() - interval '10 seconds'`,
    ),
  );
  return rows[0]?.count ?? 0;
}
