import net from 'node:net';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner, asWorker } from '#db/client.ts';
import { runWorker, type RunningWorker, type WorkerOptions } from '#lib/queue/run-worker.ts';
import { startFastSink, type FastSink } from '#tests/servers/smtp/fast-sink.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import {
  attemptsOf,
  countStates,
  countUnderWay,
  makeScene,
  queueMails,
  settingsDocument,
  waitForStates,
  writeSettings,
  type Scene,
} from './queue-scene.ts';

let db: TestDatabase;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await createTestDatabase({ maxConnections: 20 });
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function sinkFor(onMail?: (messageId: string | null) => void): Promise<FastSink> {
  const sink = await startFastSink(onMail === undefined ? {} : { onMail });
  endings.push(() => sink.close());
  return sink;
}

async function work(options: WorkerOptions = {}): Promise<RunningWorker> {
  const worker = await runWorker(testServices(db.database), options);
  endings.push(() => worker.stop());
  return worker;
}

async function setPaused({ project }: Scene, isPaused: boolean): Promise<void> {
  await asOwner(db.database, (tx) =>
    tx.query('update mailroom.projects set paused_at = case when $2 then mailroom.now() end where id = $1', [
      project.id,
      isPaused,
    ]),
  );
}

/** A server that accepts connections and says nothing, for ever. */
async function blackHole(): Promise<{ port: number; connections: () => number }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => sockets.size,
  };
}

test('settings saved with 500 mails queued take effect for all that have not started', async () => {
  const server = await startHostileServer();
  endings.push(() => server.close());
  const scene = await makeScene(db.database, { port: server.port, senderAddress: 'old@example.test' });
  await setPaused(scene, true);
  await queueMails(db.database, scene, 500);
  await work();
  const version = await writeSettings(
    db.database,
    scene,
    settingsDocument({ port: server.port, senderAddress: 'new@example.test' }),
  );
  await setPaused(scene, false);
  await waitForStates(db.database, scene, { sent: 500 });
  const attempts = await attemptsOf(db.database, scene);
  expect(attempts).toHaveLength(500);
  expect(attempts.every(({ settings_version }) => settings_version === version)).toBe(true);
  expect(server.contents).toHaveLength(500);
  expect(server.contents.every((content) => /^From: .*<new@example\.test>\r$/m.test(content))).toBe(true);
  expect(server.lines.filter(({ text }) => text.startsWith('MAIL FROM:<old@'))).toEqual([]);
});

test('settings saved in mid-drain: what started before keeps its version, everything after goes by the new one', async () => {
  const [before, after] = [await sinkFor(), await sinkFor()];
  const scene = await makeScene(db.database, { port: before.port });
  await queueMails(db.database, scene, 3000);
  await work();
  await waitUntil('a part at the old server', () => before.counts().mails >= 200, { everyMs: 1 });
  await writeSettings(db.database, scene, settingsDocument({ port: after.port }));
  const startedBefore = await startedMails(scene);
  await waitForStates(db.database, scene, { sent: 3000 });
  expect(before.counts().mails).toBeLessThanOrEqual(startedBefore);
  expect(before.counts().mails + after.counts().mails).toBe(3000);
  expect(after.counts().mails).toBeGreaterThan(0);
});

async function startedMails({ project }: Scene): Promise<number> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ count: number }>(
      `select count(*)::int as count from mailroom.messages m where m.project_id = $1 and not exists (
         select from mailroom.queue_entries q where q.message_id = m.id and q.attempt_id is null)`,
      [project.id],
    ),
  );
  return rows[0]?.count ?? 0;
}

test('two workers on one lane send each mail once', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  const [one, other] = [await work(), await work()];
  await queueMails(db.database, scene, 1000);
  for (const worker of [one, other]) worker.wake(scene.project.laneId);
  await waitForStates(db.database, scene, { sent: 1000 });
  expect(sink.counts().mails).toBe(1000);
  expect(sink.counts().messageIds.size).toBe(1000);
  expect((await attemptsOf(db.database, scene)).every(({ repeat }) => !repeat)).toBe(true);
});

test('a pause takes effect at the next mail and resuming sends the rest', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await queueMails(db.database, scene, 2000);
  const worker = await work();
  await waitUntil('a part at the sink', () => sink.counts().mails >= 200, { everyMs: 1 });
  await setPaused(scene, true);
  const started = await startedMails(scene);
  await waitUntil('nothing under way', async () => (await countUnderWay(db.database, scene)) === 0);
  expect(sink.counts().mails).toBeLessThanOrEqual(started);
  expect(started).toBeLessThan(2000);
  await setPaused(scene, false);
  worker.wake(scene.project.laneId);
  await waitForStates(db.database, scene, { sent: 2000 });
  expect(sink.counts().mails).toBe(2000);
});

test('an expired mail ends although its project is paused', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await setPaused(scene, true);
  await queueMails(db.database, scene, 3, { expiresInMs: 300 });
  await queueMails(db.database, scene, 2);
  await work();
  await waitForStates(db.database, scene, { expired: 3, queued: 2 });
  expect(sink.counts().mails).toBe(0);
});

test('the more urgent mail overtakes what was queued before', async () => {
  const order: string[] = [];
  const sink = await sinkFor((id) => {
    order.push(id ?? '');
  });
  const scene = await makeScene(db.database, { port: sink.port, maxConnections: 2 });
  await queueMails(db.database, scene, 4000, { priority: 2 });
  const worker = await work();
  await waitUntil('a part at the sink', () => sink.counts().mails >= 200, { everyMs: 1 });
  const [urgent] = await queueMails(db.database, scene, 1, { priority: 0 });
  worker.wake(scene.project.laneId);
  await waitForStates(db.database, scene, { sent: 4001 });
  expect(order.indexOf(`<${urgent}@test>`)).toBeLessThan(3500);
});

test("a project with 20,000 mails and a black-hole server does not delay another's", async () => {
  const hole = await blackHole();
  const sink = await sinkFor();
  const dead = await makeScene(db.database, { port: hole.port });
  await queueMails(db.database, dead, 20_000);
  const alive = await makeScene(db.database, { port: sink.port });
  const worker = await work({ maxLanes: 1, finishWithinMs: 100 });
  worker.wake(dead.project.laneId);
  await waitUntil('a connection to the black hole', () => hole.connections() > 0);
  await queueMails(db.database, alive, 100);
  worker.wake(alive.project.laneId);
  await waitForStates(db.database, alive, { sent: 100 });
  expect(hole.connections()).toBe(1);
  expect((await countStates(db.database, dead))['sent']).toBeUndefined();
});

test('a worker that is stopped in mid-transaction does not keep its lane', async () => {
  const sink = await sinkFor();
  const { project } = await makeScene(db.database, { port: sink.port });
  const isHeld = Promise.withResolvers<void>();
  const isFree = Promise.withResolvers<void>();
  const frozen = asWorker(db.database, async (tx) => {
    await tx.query('select from mailroom.lanes where id = $1 for share', [project.laneId]);
    isHeld.resolve();
    await isFree.promise;
    await tx.query('select 1');
  });
  const failed = expect(frozen).rejects.toThrow();
  await isHeld.promise;
  await asOwner(db.database, (tx) =>
    tx.query('update mailroom.lanes set generation = generation + 1 where id = $1', [project.laneId]),
  );
  isFree.resolve();
  await failed;
});
