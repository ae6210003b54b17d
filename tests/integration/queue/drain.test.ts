import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner, createDatabase } from '#db/client.ts';
import { runWorker, type RunningWorker } from '#lib/queue/run-worker.ts';
import { startFastSink, type FastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import {
  attemptsOf,
  countUnderWay,
  makeScene,
  queueLength,
  queueMails,
  waitForStates,
} from './queue-scene.ts';

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

async function setSendingStop(at: 'null' | 'mailroom.now()'): Promise<void> {
  await asOwner(db.database, (tx) => tx.query(`update mailroom.installation set sending_stopped_at = ${at}`));
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

test('behind a pooler nothing is prepared, and mail goes all the same', async () => {
  const sink = await startSink();
  const pooled = createDatabase({ connectionString: db.connectionString, isPooled: true });
  const scene = await makeScene(pooled, { port: sink.port });
  await queueMails(pooled, scene, 20);
  const worker = await runWorker(testServices(pooled));
  await waitForStates(pooled, scene, { sent: 20 });
  await worker.stop();
  const clients = await Promise.all(
    Array.from({ length: pooled.pool.totalCount }, () => pooled.pool.connect()),
  );
  for (const client of clients) {
    expect((await client.query('select name from pg_prepared_statements')).rows).toEqual([]);
    client.release();
  }
  await pooled.close();
});

test("a row that claims another tenant's project or message does not leave by its server (PRODUCT 10.2)", async () => {
  const sink = await startSink();
  const own = await makeScene(db.database, { port: sink.port });
  const other = await makeScene(db.database, { port: sink.port });
  const [ownId] = await queueMails(db.database, own, 1);
  const forged = await queueMails(db.database, other, 2);
  await asOwner(db.database, async (tx) => {
    // One mail of the other tenant stands in this one's queue, the other pretends to be of its project.
    await tx.query(
      'update mailroom.queue_entries set organization_id = $2, project_id = $3 where message_id = $1',
      [forged[0], own.organization.id, own.project.id],
    );
    for (const table of ['messages', 'recipients']) {
      const id = table === 'messages' ? 'id' : 'message_id';
      await tx.query(`update mailroom.${table} set project_id = $2 where ${id} = $1`, [
        forged[1],
        own.project.id,
      ]);
    }
    await tx.query('update mailroom.queue_entries set project_id = $2 where message_id = $1', [
      forged[1],
      own.project.id,
    ]);
  });
  const worker = await startWorker();
  worker.wake(own.project.laneId);
  await waitForStates(db.database, own, { sent: 1, queued: 1 });
  const [later] = await queueMails(db.database, own, 1);
  worker.wake(own.project.laneId);
  await waitForStates(db.database, own, { sent: 2, queued: 1 });
  expect([...sink.counts().messageIds.keys()]).toEqual([`<${ownId}@test>`, `<${later}@test>`]);
});

test('a stop of all sending in mid-drain ends the drain, without knocking at the server again and again', async () => {
  const sink = await startSink();
  const scene = await makeScene(db.database, { port: sink.port, maxConnections: 5 });
  await queueMails(db.database, scene, 2000);
  const worker = await startWorker();
  worker.wake(scene.project.laneId);
  await waitUntil('a drain under way', async () => sink.counts().mails > 100);
  await setSendingStop('mailroom.now()');
  try {
    await waitUntil('a lane that nobody drives', async () => {
      const { rows } = await asOwner(db.database, (tx) =>
        tx.query<{ holder: string | null }>('select holder from mailroom.lanes where id = $1', [
          scene.project.laneId,
        ]),
      );
      return rows[0]?.holder === null;
    });
    expect(await countUnderWay(db.database, scene)).toBe(0);
    expect(await queueLength(db.database, scene)).toBeGreaterThan(0);
  } finally {
    await setSendingStop('null');
  }
  await waitForStates(db.database, scene, { sent: 2000 });
  expect(sink.counts().mails).toBe(2000);
});
