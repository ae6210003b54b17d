import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { runWorker, type WorkerOptions } from '#lib/queue/run-worker.ts';
import { buildTransport } from '#lib/transports/build-transport.ts';
import { startSink } from '#tests/bench/support/sink.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { reply } from '#tests/servers/smtp/hostile-script.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { laneHistory, laneOf } from './failover-scene.ts';
import { attemptsOf, makeScene, queueMails, waitForStates } from './queue-scene.ts';

let db: TestDatabase;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function work(options: WorkerOptions = {}): Promise<void> {
  const worker = await runWorker(testServices(db.database), options);
  endings.push(() => worker.stop());
}

/** Reaching a server is given up after six seconds; everything else takes as long as always. */
const quickReach: WorkerOptions['buildTransport'] = (options) =>
  options.protocol === 'smtp'
    ? buildTransport({
        ...options,
        deadlines: { ...options.deadlines, connectMs: 6000, greetingMs: 6000 },
      })
    : buildTransport(options);

test('a server that goes dark: its open connections are not waited for, and no mail goes twice', async () => {
  const primary = await startSink();
  endings.push(() => primary.stop());
  const alternate = await startFastSink();
  endings.push(() => alternate.close());
  const scene = await makeScene(db.database, {
    port: primary.port,
    alternateHost: '127.0.0.1',
    alternate: { port: alternate.port },
    maxConnections: 4,
  });
  await queueMails(db.database, scene, 200);
  await work({ buildTransport: quickReach });
  await waitForStates(db.database, scene, { sent: 200 });
  // What it is asked from now on, on connections that are open, is taken by its kernel and answered by nobody.
  process.kill(primary.pid, 'SIGSTOP');
  endings.push(() => Promise.resolve(void process.kill(primary.pid, 'SIGCONT')));
  await queueMails(db.database, scene, 1000);
  await waitForStates(db.database, scene, { sent: 1200 });
  expect(alternate.counts().mails).toBe(1000);
  expect((await laneOf(db.database, scene)).alternate_reason).toBe('SMTP_TIMEOUT');
  process.kill(primary.pid, 'SIGCONT');
  const attempts = await attemptsOf(db.database, scene);
  expect(attempts.filter(({ repeat }) => repeat)).toEqual([]);
  expect(attempts.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1200);
  expect(await laneHistory(db.database, scene)).toEqual([['lane.switched_to_alternate', null]]);
});

test('a slow server that takes new connections is not dark: its mails are waited for', async () => {
  const sink = await startFastSink();
  endings.push(() => sink.close());
  const server = await startHostileServer({
    reactions: { mail: (_, times) => (times === 1 ? { do: 'stall' } : reply('250 2.1.0 Ok')) },
  });
  endings.push(() => server.close());
  const scene = await makeScene(db.database, {
    port: server.port,
    alternateHost: '127.0.0.1',
    alternate: { port: sink.port },
    maxConnections: 1,
  });
  await queueMails(db.database, scene, 2);
  await work({ buildTransport: quickReach });
  await waitUntil('a probe beside the silent connection', () => server.connectionCount() >= 2, {
    withinMs: 60_000,
  });
  expect(await laneOf(db.database, scene)).toMatchObject({ active_endpoint: 'primary', wait_kind: null });
  server.dropAll();
  await waitForStates(db.database, scene, { sent: 2 });
  expect(sink.counts().connections).toBe(0);
});

test('a lane without a pool that was slowed down goes on with half its connections, and no try is spent', async () => {
  let isBusy = true;
  const server = await startHostileServer({
    reactions: {
      mail: () => (isBusy ? reply('452 4.3.2 Message rate limit exceeded') : reply('250 2.1.0 Ok')),
    },
  });
  endings.push(() => server.close());
  const scene = await makeScene(db.database, { port: server.port, maxConnections: 10 });
  await queueMails(db.database, scene, 50);
  await work();
  await waitUntil('a wait', async () => (await laneOf(db.database, scene)).wait_kind === 'throttled');
  isBusy = false;
  await waitForStates(db.database, scene, { sent: 50 });
  expect(await laneOf(db.database, scene)).toMatchObject({
    rate_factor: 0.5,
    wait_kind: null,
    failure_count: 0,
  });
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ tries: number; waited: number }>(
      `select max(attempt_count)::int as tries, max(waited_ms)::int as waited from mailroom.messages
       where project_id = $1`,
      [scene.project.id],
    ),
  );
  expect(rows).toEqual([{ tries: 1, waited: 0 }]);
  // Half of the ten, whatever was opened before the wait.
  expect(server.connectionCount()).toBeLessThanOrEqual(1 + 5);
});
