import { beforeAll, describe, expect, test } from 'vitest';
import { asOwner, createDatabase } from '#db/client.ts';
import { askPool, type PoolAnswer, type PoolAsk } from '#lib/pools/ask-pool.ts';
import { detachProject } from '#lib/pools/detach-project.ts';
import { tidyPoolCounts } from '#lib/pools/tidy-pool-counts.ts';
import { slowPool } from '#lib/pools/slow-pool.ts';
import type { Fault } from '#lib/transports/contract.ts';
import { asWorker } from '#db/client.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  testServices,
  type TestOrganization,
} from '#tests/support/factories.ts';
import { makeScene, type Scene } from '../queue/queue-scene.ts';
import { enterWorker, makePool } from './pool-scene.ts';

const { database, connectionString } = await createTestDatabase();
const none = { mails: 0, recipients: 0, bytes: 0 };
const small = { recipients: 1, bytes: 2_000 };

let organization: TestOrganization;
let names = 0;

beforeAll(async () => {
  organization = await makeOrganization(database);
});

function sceneOf(): Promise<Scene> {
  return makeScene(database, { port: 25 }, organization);
}

async function poolFor(scenes: readonly Scene[], figures: Parameters<typeof makePool>[2]): Promise<string> {
  names += 1;
  return makePool(database, scenes, { name: `Pool ${names}`, ...figures });
}

function askOf(poolId: string, scene: Scene, workerId: string, changes: Partial<PoolAsk> = {}): PoolAsk {
  return {
    poolId,
    laneId: scene.project.laneId,
    workerId,
    mails: [small],
    unused: none,
    open: 0,
    wanted: 1,
    ...changes,
  };
}

function paced(answer: PoolAnswer): Extract<PoolAnswer, { kind: 'paced' }> {
  if (answer.kind === 'free') throw new Error('the pool does not pace');
  return answer;
}

/** When the pool's next mail may start: each mail's own start lies one interval before it. */
async function lastFreeMs(poolId: string): Promise<number> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ free_ms: number }>(
      'select extract(epoch from minute_free_at)::float8 * 1000 as free_ms from mailroom.pool_paces where pool_id = $1',
      [poolId],
    ),
  );
  return rows[0]?.free_ms ?? 0;
}

test('two workers at 60 a minute never start more in any rolling minute, and never two in one second', async () => {
  const [one, other] = [await sceneOf(), await sceneOf()];
  const poolId = await poolFor([one, other], { mailsPerMinute: 60 });
  const workers = [await enterWorker(database), await enterWorker(database)];
  const starts: number[] = [];
  // Two minutes and a half, half a second at a time: each step sees the database's clock so much later.
  for (let step = 0; step < 300; step += 1) {
    const options = encodeURIComponent(`-c mailroom.clock_offset=${step * 500}ms`);
    const at = createDatabase({
      connectionString: `${connectionString}?options=${options}`,
      maxConnections: 1,
    });
    // Now one of them is first, now the other.
    for (const index of step % 2 === 0 ? [0, 1] : [1, 0]) {
      const scene = [one, other][index] ?? one;
      const ask = askOf(poolId, scene, workers[index] ?? '', { mails: [small, small, small] });
      const { startsInMs } = paced(await askPool(at, ask));
      expect(startsInMs.length).toBeLessThanOrEqual(1);
      if (startsInMs.length === 1) starts.push(await lastFreeMs(poolId));
    }
    await at.close();
  }
  expect(starts.length).toBeGreaterThan(140);
  const inMinute = starts.map((at) => starts.filter((each) => each >= at && each < at + 60_000).length);
  expect(Math.max(...inMinute)).toBeLessThanOrEqual(60);
  const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(1_000);
}, 180_000);

describe('connections', () => {
  test('all workers and lanes together never hold more than the pool has, and a dead worker gives its own back', async () => {
    const scenes = [await sceneOf(), await sceneOf(), await sceneOf()];
    const poolId = await poolFor(scenes, { connections: 3 });
    const [living, dying] = [await enterWorker(database), await enterWorker(database)];
    const [first, second, third] = scenes;
    if (first === undefined || second === undefined || third === undefined) throw new Error('no scene');
    expect(paced(await askPool(database, askOf(poolId, first, dying, { wanted: 2 }))).connections).toBe(2);
    expect(paced(await askPool(database, askOf(poolId, second, living, { wanted: 5 }))).connections).toBe(1);
    expect(paced(await askPool(database, askOf(poolId, third, living, { wanted: 5 }))).connections).toBe(0);
    await asOwner(database, (tx) =>
      tx.query("update mailroom.workers set beat_at = mailroom.now() - interval '9 seconds' where id = $1", [
        dying,
      ]),
    );
    expect(paced(await askPool(database, askOf(poolId, third, living, { wanted: 5 }))).connections).toBe(2);
    expect(
      paced(await askPool(database, askOf(poolId, second, living, { wanted: 5, open: 1 }))).connections,
    ).toBe(1);
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ held: number }>(
        'select sum(held)::int as held from mailroom.pool_connections where pool_id = $1',
        [poolId],
      ),
    );
    expect(rows[0]?.held).toBe(3);
  });

  test('a lane that wants none has no row any more', async () => {
    const scene = await sceneOf();
    const poolId = await poolFor([scene], { connections: 3 });
    const worker = await enterWorker(database);
    await askPool(database, askOf(poolId, scene, worker, { wanted: 2 }));
    await askPool(database, askOf(poolId, scene, worker, { mails: [], wanted: 0, open: 0 }));
    const { rows } = await asOwner(database, (tx) =>
      tx.query('select from mailroom.pool_connections where pool_id = $1', [poolId]),
    );
    expect(rows).toHaveLength(0);
  });
});

describe('the quota of recipients', () => {
  test('leaves the reserve, takes what fits, and says when it is spent; unused permits go back', async () => {
    const scene = await sceneOf();
    const poolId = await poolFor([scene], {
      recipientsPerDay: 100,
      reservePercent: 10,
      reserveRecipients: 40,
    });
    const worker = await enterWorker(database);
    const mails = [
      { recipients: 30, bytes: 1 },
      { recipients: 20, bytes: 1 },
      { recipients: 1, bytes: 1 },
    ];
    const first = paced(await askPool(database, askOf(poolId, scene, worker, { mails })));
    expect(first).toMatchObject({ startsInMs: [0, 0], next: { kind: 'quota', left: 0 } });
    const again = paced(
      await askPool(
        database,
        askOf(poolId, scene, worker, { unused: { mails: 1, recipients: 20, bytes: 1 } }),
      ),
    );
    expect(again).toMatchObject({ startsInMs: [0], next: { kind: 'none' } });
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ used: number }>(
        'select sum(recipients)::int as used from mailroom.pool_usage where pool_id = $1',
        [poolId],
      ),
    );
    expect(rows[0]).toEqual({ used: 31 });
  });

  test('comes back as the day rolls on', async () => {
    const scene = await sceneOf();
    const poolId = await poolFor([scene], { recipientsPerDay: 5 });
    const worker = await enterWorker(database);
    await askPool(database, askOf(poolId, scene, worker, { mails: [{ recipients: 5, bytes: 1 }] }));
    const spent = paced(await askPool(database, askOf(poolId, scene, worker)));
    expect(spent.next).toEqual({ kind: 'quota', left: 0 });
    await asOwner(database, (tx) =>
      tx.query(
        "update mailroom.pool_usage set minute = minute - interval '24 hours 1 minute' where pool_id = $1",
        [poolId],
      ),
    );
    expect(paced(await askPool(database, askOf(poolId, scene, worker))).startsInMs).toEqual([0]);
  });
});

describe('a provider that asks to slow down', () => {
  const fault: Fault = {
    stage: 'content',
    scope: 'mailbox',
    code: 'SMTP_THROTTLED',
    reply: { code: 432, enhancedCode: '4.3.2', text: 'Concurrent connections limit exceeded' },
  };

  test('stops every lane of the pool for the time stated, and halves the rate afterwards', async () => {
    const [one, other] = [await sceneOf(), await sceneOf()];
    const poolId = await poolFor([one, other], { mailsPerMinute: 60 });
    const worker = await enterWorker(database);
    await asWorker(database, (tx) =>
      slowPool(tx, { projectId: one.project.id, fault, askedMs: 60_000, random: 0.5 }),
    );
    const stopped = paced(await askPool(database, askOf(poolId, other, worker)));
    expect(stopped).toMatchObject({ startsInMs: [], next: { kind: 'wait', cause: 'stopped' } });
    await asOwner(database, (tx) =>
      tx.query(
        `update mailroom.pool_paces set stopped_until = mailroom.now(), slowed_at = mailroom.now() where pool_id = $1`,
        [poolId],
      ),
    );
    const slowed = paced(await askPool(database, askOf(poolId, other, worker, { mails: [small, small] })));
    expect(slowed.startsInMs).toEqual([0]);
    if (slowed.next.kind !== 'wait') throw new Error('it does not wait');
    expect(slowed.next.ms).toBeGreaterThan(1_900);
    expect(slowed.next.cause).toBe('minute');
  });

  test('a fault of one mail or recipient slows nobody', async () => {
    const scene = await sceneOf();
    const poolId = await poolFor([scene], { mailsPerMinute: 60 });
    await asWorker(database, (tx) =>
      slowPool(tx, {
        projectId: scene.project.id,
        fault: { ...fault, scope: 'recipient' },
        askedMs: null,
        random: 0.5,
      }),
    );
    const answer = paced(await askPool(database, askOf(poolId, scene, await enterWorker(database))));
    expect(answer.startsInMs).toEqual([0]);
  });
});

test('a project that was detached meanwhile is free', async () => {
  const scene = await sceneOf();
  const poolId = await poolFor([scene], { mailsPerMinute: 1 });
  await detachProject(contextOf(testServices(database), organization), { project: scene.project.id });
  expect(await askPool(database, askOf(poolId, scene, await enterWorker(database)))).toEqual({
    kind: 'free',
  });
});

test('counts that no window reaches any more are forgotten, the others stay', async () => {
  const scene = await sceneOf();
  const poolId = await poolFor([scene], { recipientsPerDay: 5 });
  await asOwner(database, (tx) =>
    tx.query(
      `insert into mailroom.pool_usage (pool_id, minute, organization_id, recipients)
       values ($1, mailroom.now() - interval '27 hours', $2, 1), ($1, mailroom.now() - interval '23 hours', $2, 2)`,
      [poolId, organization.id],
    ),
  );
  await tidyPoolCounts(database);
  const { rows } = await asOwner(database, (tx) =>
    tx.query('select recipients from mailroom.pool_usage where pool_id = $1', [poolId]),
  );
  expect(rows).toEqual([{ recipients: 2 }]);
});
