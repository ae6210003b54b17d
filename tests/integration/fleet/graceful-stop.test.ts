import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { startWorkerProcess, type WorkerProcess } from '#tests/faults/worker-process.ts';
import {
  attemptsOf,
  countUnderWay,
  makeScene,
  queueLength,
  queueMails,
  waitForStates,
  type Scene,
} from '#tests/integration/queue/queue-scene.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { startHoldingServer } from '#tests/servers/smtp/holding-server.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { waitUntil } from '#tests/support/wait-for.ts';

let db: TestDatabase;
const closing: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
});

afterEach(async () => {
  await Promise.all(closing.splice(0).map((each) => each.close()));
});

function kept<T extends { close(): Promise<void> }>(thing: T): T {
  closing.push(thing);
  return thing;
}

const patient = { timeout: 180_000 };

test(
  'a stopping worker gives its lane to another at once, and its slow mail is sent once',
  patient,
  async () => {
    const server = kept(await startHoldingServer('content'));
    const scene = await makeScene(db.database, { port: server.port, maxConnections: 1 });
    const [slowId] = await queueMails(db.database, scene, 1);
    const first = await startWorkerProcess(db);
    await waitUntil('the slow mail at the server', () => server.held === 1, { withinMs: 60_000 });
    await queueMails(db.database, scene, 20);
    const firstId = await workerOf(first);
    const second = await startWorkerProcess(db);
    server.holdsNext = false;
    terminate(first);
    await waitForStates(db.database, scene, { sent: 20 });
    // All others went by the second worker while the first still waits for its one answer.
    expect(await countUnderWay(db.database, scene)).toBe(1);
    expect(isRunning(first)).toBe(true);
    server.release();
    expect((await first.exited).code).toBe(0);
    await waitForStates(db.database, scene, { sent: 21 });
    const attempts = await attemptsOf(db.database, scene);
    expect(attempts).toHaveLength(21);
    expect(attempts.every(({ outcome, repeat }) => outcome === 'accepted' && !repeat)).toBe(true);
    const byFirst = attempts.filter(({ worker_id }) => worker_id === firstId);
    expect(byFirst.map(({ message_id }) => message_id)).toEqual([slowId]);
    expect(server.mails).toBe(21);
    expect(await stateOf(firstId)).toBe('stopped');
    await second.stop(20_000);
  },
);

test(
  'what a server does not answer in time counts by 4.8, and the worker still ends with 0',
  patient,
  async () => {
    const server = kept(await startHoldingServer('content'));
    const scene = await makeScene(db.database, { port: server.port, maxConnections: 1 });
    await queueMails(db.database, scene, 1);
    const first = await startWorkerProcess(db, { MAILROOM_STOP_WITHIN_SECONDS: '1' });
    await waitUntil('the mail at the server', () => server.held === 1, { withinMs: 60_000 });
    server.holdsNext = false;
    terminate(first);
    expect((await first.exited).code).toBe(0);
    const second = await startWorkerProcess(db);
    await waitForStates(db.database, scene, { sent: 1 });
    const attempts = await attemptsOf(db.database, scene);
    expect(attempts.map(({ outcome, repeat }) => ({ outcome, repeat }))).toEqual([
      { outcome: 'uncertain', repeat: false },
      { outcome: 'accepted', repeat: true },
    ]);
    await second.stop(20_000);
  },
);

test('a mail that has not reached its last bytes in time is given back unsent', patient, async () => {
  const server = kept(await startHoldingServer('sender'));
  const scene = await makeScene(db.database, { port: server.port, maxConnections: 1 });
  await queueMails(db.database, scene, 1);
  const first = await startWorkerProcess(db, { MAILROOM_STOP_WITHIN_SECONDS: '1' });
  await waitUntil('the mail at the server', () => server.held === 1, { withinMs: 60_000 });
  server.holdsNext = false;
  terminate(first);
  expect((await first.exited).code).toBe(0);
  expect(await countUnderWay(db.database, scene)).toBe(0);
  const second = await startWorkerProcess(db);
  await waitForStates(db.database, scene, { sent: 1 });
  expect((await attemptsOf(db.database, scene)).map(({ repeat }) => repeat)).toEqual([false]);
  expect(server.mails).toBe(1);
  await second.stop(20_000);
});

test('a second SIGTERM ends the time for finishing', patient, async () => {
  const server = kept(await startHoldingServer('content'));
  const scene = await makeScene(db.database, {
    port: server.port,
    maxConnections: 1,
    sending: { uncertain: 'hold' },
  });
  await queueMails(db.database, scene, 1);
  const worker = await startWorkerProcess(db, { MAILROOM_STOP_WITHIN_SECONDS: '3600' });
  await waitUntil('the mail at the server', () => server.held === 1, { withinMs: 60_000 });
  terminate(worker);
  await waitUntil('the worker says that it stops', () => worker.output().includes('worker stops'));
  terminate(worker);
  expect((await worker.exited).code).toBe(0);
  await waitForStates(db.database, scene, { uncertain: 1 });
});

test('workers restarted in turn under load lose no mail and repeat none', { timeout: 180_000 }, async () => {
  const sink = kept(await startFastSink());
  const scene = await makeScene(db.database, { port: sink.port });
  let [first, second] = await Promise.all([startWorkerProcess(db), startWorkerProcess(db)]);
  const ids = await queueMails(db.database, scene, 2000);
  for (const part of [200, 700, 1200]) {
    await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= part, {
      everyMs: 1,
      withinMs: 60_000,
    });
    const holder = await holderOf(scene);
    const [leaving, staying] = holder === first.workerPid ? [first, second] : [second, first];
    terminate(leaving);
    expect((await leaving.exited).code).toBe(0);
    [first, second] = [staying, await startWorkerProcess(db)];
  }
  await waitForStates(db.database, scene, { sent: 2000 });
  const { mails, messageIds } = sink.counts();
  expect({ mails, distinct: messageIds.size }).toEqual({ mails: ids.length, distinct: ids.length });
  expect(await queueLength(db.database, scene)).toBe(0);
  const attempts = await attemptsOf(db.database, scene);
  expect(attempts.every(({ outcome, repeat }) => outcome === 'accepted' && !repeat)).toBe(true);
  expect(new Set(attempts.map(({ worker_id }) => worker_id)).size).toBeGreaterThan(1);
  const exits = await Promise.all([first.stop(20_000), second.stop(20_000)]);
  expect(exits.map(({ code }) => code)).toEqual([0, 0]);
});

/** To the worker alone: its tether hands its exit code on. */
function terminate(worker: WorkerProcess): void {
  process.kill(worker.workerPid, 'SIGTERM');
}

function isRunning(worker: WorkerProcess): boolean {
  try {
    return process.kill(worker.workerPid, 0);
  } catch {
    return false;
  }
}

async function workerOf(worker: WorkerProcess): Promise<string> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ id: string }>('select id from mailroom.workers where pid = $1 and stopped_at is null', [
      worker.workerPid,
    ]),
  );
  return rows[0]?.id ?? '';
}

async function stateOf(workerId: string): Promise<string> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ state: string }>(
      `select case when stopped_at is not null then 'stopped' when lost_at is not null then 'lost' else 'alive' end as state
       from mailroom.workers where id = $1`,
      [workerId],
    ),
  );
  return rows[0]?.state ?? 'unknown';
}

async function holderOf({ project }: Scene): Promise<number | undefined> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ pid: number }>(
      'select w.pid from mailroom.lanes l join mailroom.workers w on w.id = l.holder where l.id = $1',
      [project.laneId],
    ),
  );
  return rows[0]?.pid;
}
