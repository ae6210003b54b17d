import { afterEach, beforeAll, expect, test } from 'vitest';
import { runWorker, type RunningWorker } from '#lib/queue/run-worker.ts';
import { startFastSink, type FastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { attemptsOf, makeScene, queueLength, queueMails, waitForStates } from './queue-scene.ts';

let db: TestDatabase;
const running: (RunningWorker | FastSink)[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
});

afterEach(async () => {
  for (const each of running.splice(0).toReversed()) await ('stop' in each ? each.stop() : each.close());
});

async function startSink(): Promise<FastSink> {
  const sink = await startFastSink();
  running.push(sink);
  return sink;
}

async function startWorker(): Promise<RunningWorker> {
  const worker = await runWorker(testServices(db.database));
  running.push(worker);
  return worker;
}

test('drains what is queued, each mail once, and leaves nothing behind', async () => {
  const sink = await startSink();
  const scene = await makeScene(db.database, { port: sink.port });
  const ids = await queueMails(db.database, scene, 500);
  const worker = await startWorker();
  worker.wake(scene.project.laneId);
  await waitForStates(db.database, scene, { sent: 500 });
  const { messageIds, mails } = sink.counts();
  expect(mails).toBe(500);
  expect(new Set(messageIds.keys())).toEqual(new Set(ids.map((id) => `<${id}@test>`)));
  expect(await queueLength(db.database, scene)).toBe(0);
  const attempts = await attemptsOf(db.database, scene);
  expect(attempts).toHaveLength(500);
  expect(attempts.every(({ outcome, repeat }) => outcome === 'accepted' && !repeat)).toBe(true);
});
