import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { startFastSink, type FastSink } from '#tests/servers/smtp/fast-sink.ts';
import { reply } from '#tests/servers/smtp/hostile-script.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { countStates, makeScene, queueMails, waitForStates, type Scene } from '../queue/queue-scene.ts';
import { makePool } from './pool-scene.ts';

let db: TestDatabase;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await createTestDatabase({ maxConnections: 30 });
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function work(): Promise<void> {
  const worker = await runWorker(testServices(db.database));
  endings.push(() => worker.stop());
}

async function sinkFor(): Promise<FastSink> {
  const sink = await startFastSink();
  endings.push(() => sink.close());
  return sink;
}

async function scenesFor(port: number, count: number): Promise<Scene[]> {
  const first = await makeScene(db.database, { port });
  const scenes = [first];
  while (scenes.length < count) scenes.push(await makeScene(db.database, { port }, first.organization));
  return scenes;
}

async function usedOf(poolId: string): Promise<{ mails: number; recipients: number }> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ mails: number; recipients: number }>(
      `select coalesce(sum(mails), 0)::int as mails, coalesce(sum(recipients), 0)::int as recipients
       from mailroom.pool_usage where pool_id = $1`,
      [poolId],
    ),
  );
  return rows[0] ?? { mails: 0, recipients: 0 };
}

test('two workers and three lanes of one pool send everything, and each mail took one permit', async () => {
  const sink = await sinkFor();
  const scenes = await scenesFor(sink.port, 3);
  const poolId = await makePool(db.database, scenes, { mailsPerMinute: 1_200 });
  await work();
  await work();
  for (const scene of scenes)
    await queueMails(db.database, scene, 20, { recipients: ['a@x.test', 'b@x.test'] });
  for (const scene of scenes) await waitForStates(db.database, scene, { sent: 20 });
  expect(sink.counts().mails).toBe(60);
  await waitUntil('what was not used is given back', async () => (await usedOf(poolId)).mails === 60);
  expect(await usedOf(poolId)).toEqual({ mails: 60, recipients: 120 });
});

test('a paced lane keeps its mails queued, takes few into its hand and no turn from others', async () => {
  const sink = await sinkFor();
  const [slow, quick] = await scenesFor(sink.port, 2);
  if (slow === undefined || quick === undefined) throw new Error('no scene');
  await makePool(db.database, [slow], { mailsPerMinute: 1 });
  await queueMails(db.database, slow, 50);
  await work();
  await waitForStates(db.database, slow, { sent: 1, queued: 49 });
  await queueMails(db.database, quick, 50);
  await waitForStates(db.database, quick, { sent: 50 });
  expect(await countStates(db.database, slow)).toEqual({ sent: 1, queued: 49 });
});

test('a quota that is spent holds the rest of what is due with that reason', async () => {
  const sink = await sinkFor();
  const [scene] = await scenesFor(sink.port, 1);
  if (scene === undefined) throw new Error('no scene');
  const poolId = await makePool(db.database, [scene], { recipientsPerDay: 8, reservePercent: 25 });
  await queueMails(db.database, scene, 40, { recipients: ['a@x.test', 'b@x.test'] });
  await work();
  await waitForStates(db.database, scene, { sent: 3, backlog: 37 });
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query('select distinct reason, state from mailroom.held_messages where project_id = $1', [
      scene.project.id,
    ]),
  );
  expect(rows).toEqual([{ reason: 'quota', state: 'backlog' }]);
  expect(await usedOf(poolId)).toEqual({ mails: 3, recipients: 6 });
});

test('connections of all lanes and workers stay within the pool, and every lane gets its turn', async () => {
  let open = 0;
  let most = 0;
  const server = await startRealServer({
    onConnect: (_session, done) => {
      open += 1;
      most = Math.max(most, open);
      done();
    },
    onClose: () => {
      open -= 1;
    },
  });
  endings.push(() => server.close());
  const scenes = await scenesFor(server.port, 4);
  await makePool(db.database, scenes, { connections: 2 });
  await work();
  await work();
  for (const scene of scenes) await queueMails(db.database, scene, 15);
  for (const scene of scenes) await waitForStates(db.database, scene, { sent: 15 });
  expect(most).toBeLessThanOrEqual(2);
});

test('a server that asks one lane to slow down stops all lanes of the pool, with its words', async () => {
  const server = await startHostileServer({
    reactions: { endOfData: reply('432 4.3.2 Concurrent connections limit exceeded') },
  });
  endings.push(() => server.close());
  const sink = await sinkFor();
  const [refused] = await scenesFor(server.port, 1);
  if (refused === undefined) throw new Error('no scene');
  const other = await makeScene(db.database, { port: sink.port }, refused.organization);
  const poolId = await makePool(db.database, [refused, other], { mailsPerMinute: 6_000 });
  await queueMails(db.database, refused, 1);
  await work();
  const slowed = await waitUntil('the pool is slowed', async () => {
    const { rows } = await asOwner(db.database, (tx) =>
      tx.query<{ rate_factor: number; slow_reply: string; is_stopped: boolean }>(
        `select rate_factor, slow_reply, stopped_until > mailroom.now() as is_stopped from mailroom.pool_paces
         where pool_id = $1 and slow_count > 0`,
        [poolId],
      ),
    );
    return rows[0];
  });
  expect(slowed).toEqual({
    rate_factor: 0.5,
    slow_reply: expect.stringContaining('Concurrent connections'),
    is_stopped: true,
  });
  expect(await countStates(db.database, refused)).toEqual({ queued: 1 });
  await queueMails(db.database, other, 5);
  await waitUntil('the other lane asked and was told to wait', async () => {
    const { rows } = await asOwner(db.database, (tx) =>
      tx.query<{ waits: boolean }>(
        'select paced_at > slowed_at as waits from mailroom.pool_paces where pool_id = $1',
        [poolId],
      ),
    );
    return rows[0]?.waits === true;
  });
  expect(sink.counts().mails).toBe(0);
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ attempt_count: number }>('select attempt_count from mailroom.messages where project_id = $1', [
      refused.project.id,
    ]),
  );
  expect(rows).toEqual([{ attempt_count: 0 }]);
});
