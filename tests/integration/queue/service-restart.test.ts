import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { beat, markStopped, registerWorker } from '#lib/queue/fleet.ts';
import { PrimaryProbes } from '#lib/queue/probe-primaries.ts';
import { ServiceRestart } from '#lib/queue/service-restart.ts';
import { startWorkerProcess } from '#tests/faults/worker-process.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { freePort } from '#tests/support/free-port.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { laneHistory, laneOf, setOnAlternate, toldOf } from './failover-scene.ts';
import { makeScene, queueMails, type Scene, waitForStates } from './queue-scene.ts';

let db: TestDatabase;
const endings: (() => Promise<void>)[] = [];

beforeEach(async () => {
  db = await createTestDatabase();
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function sinkPort(): Promise<number> {
  const sink = await startFastSink();
  endings.push(() => sink.close());
  return sink.port;
}

async function awayScene(returnAfterMinutes: number | null = null, primaryPort?: number): Promise<Scene> {
  const scene = await makeScene(db.database, {
    port: primaryPort ?? (await sinkPort()),
    alternateHost: '127.0.0.1',
    alternate: { port: await sinkPort(), returnAfterMinutes },
  });
  await setOnAlternate(db.database, scene);
  return scene;
}

async function enter(): Promise<{ id: string; restart: ServiceRestart }> {
  const id = await registerWorker(db.database, {
    host: 'h',
    pid: 1,
    version: '0',
    schemaNumber: 0,
    jobWorkerIds: [],
  });
  return { id, restart: new ServiceRestart(testServices(db.database), id) };
}

async function sounds(workerId: string): Promise<void> {
  await beat(db.database, {
    workerId,
    lanesHeld: 0,
    sentSinceLast: 0,
    sentPerSecond: 0,
    memoryBytes: 0,
    schemaNumber: 0,
    jobWorkerIds: [],
  });
}

async function isAway(scene: Scene): Promise<boolean> {
  return (await laneOf(db.database, scene)).active_endpoint === 'alternate';
}

describe('the restart of the whole service (PRODUCT 6.3)', () => {
  test('every other cleanly stopped: back at once, with an entry and a notice', async () => {
    const scene = await awayScene();
    const [first, second] = [await enter(), await enter()];
    await markStopped(db.database, first.id);
    await markStopped(db.database, second.id);
    const { restart } = await enter();
    await restart.look(false);
    expect(await isAway(scene)).toBe(false);
    expect(await laneHistory(db.database, scene)).toEqual([
      ['lane.reconnected_to_primary', 'service_restarted'],
    ]);
    expect(await toldOf(db.database, scene)).toEqual(['returned_to_primary']);
  });

  test('one after the other: it stays', async () => {
    const scene = await awayScene();
    const old = [await enter(), await enter()];
    const living = old.map(({ id }) => id);
    for (const { id: stopped } of old) {
      await markStopped(db.database, stopped);
      const { id, restart } = await enter();
      living.push(id);
      for (const each of living) await sounds(each);
      await restart.look(false);
      await restart.look(true);
    }
    expect(await isAway(scene)).toBe(true);
    expect(await laneHistory(db.database, scene)).toEqual([]);
  });

  test('one crash of two: it stays, however long the crashed one is silent', async () => {
    const scene = await awayScene();
    const [living] = [await enter(), await enter()];
    const { restart } = await enter();
    await sounds(living.id);
    await restart.look(true);
    expect(await isAway(scene)).toBe(true);
  });

  test('all killed: it waits for a whole lease of silence, then goes back', async () => {
    const scene = await awayScene();
    await enter();
    await enter();
    const { restart } = await enter();
    await restart.look(false);
    expect(await isAway(scene)).toBe(true);
    await restart.look(true);
    expect(await isAway(scene)).toBe(false);
  });

  test('of two that start together after a stop of all, the second changes nothing more', async () => {
    const old = await enter();
    await markStopped(db.database, old.id);
    const [first, second] = [await enter(), await enter()];
    await first.restart.look(false);
    const scene = await awayScene();
    await sounds(first.id);
    await second.restart.look(false);
    await second.restart.look(true);
    expect(await isAway(scene)).toBe(true);
  });

  test('real workers: kill -9 of all, then one starts', async () => {
    const workers = [await startWorkerProcess(db), await startWorkerProcess(db)];
    const scene = await awayScene();
    await queueMails(db.database, scene, 2);
    await waitForStates(db.database, scene, { sent: 2 });
    expect(await isAway(scene)).toBe(true);
    for (const worker of workers) {
      worker.signal('SIGKILL');
      await worker.exited;
    }
    await startWorkerProcess(db);
    await waitUntil('the return', async () => !(await isAway(scene)), { withinMs: 60_000 });
    expect(await laneHistory(db.database, scene)).toEqual([
      ['lane.reconnected_to_primary', 'service_restarted'],
    ]);
  });

  test('real workers: one of two is stopped and started again', async () => {
    const [first] = [await startWorkerProcess(db), await startWorkerProcess(db)];
    const scene = await awayScene();
    await first.stop(30_000);
    const again = await startWorkerProcess(db);
    await waitUntil(
      'a beat of the new one',
      async () => {
        const { rows } = await asOwner(db.database, (tx) =>
          tx.query<{ is_old: boolean }>(
            `select beat_at > started_at + interval '3 seconds' as is_old from mailroom.workers where pid = $1`,
            [again.workerPid],
          ),
        );
        return rows[0]?.is_old === true;
      },
      { withinMs: 60_000 },
    );
    expect(await isAway(scene)).toBe(true);
  });
});

function probes(): PrimaryProbes {
  return new PrimaryProbes(testServices(db.database), () => 0.5);
}

async function answersSince({ project }: Scene, minutes: number): Promise<void> {
  await asOwner(db.database, (tx) =>
    tx.query(
      `update mailroom.lanes set primary_probe_at = mailroom.now(),
         primary_up_since = mailroom.now() - make_interval(mins => $2) where id = $1`,
      [project.laneId, minutes],
    ),
  );
}

describe('back by itself, where that is switched on (PRODUCT 6.3)', () => {
  test('after the primary has answered for the time that the settings ask', async () => {
    const scene = await awayScene(10);
    await probes().look();
    expect((await laneOf(db.database, scene)).primary_up_since).not.toBeNull();
    expect(await isAway(scene)).toBe(true);
    await answersSince(scene, 9);
    await probes().look();
    expect(await isAway(scene)).toBe(true);
    await answersSince(scene, 10);
    await probes().look();
    expect(await isAway(scene)).toBe(false);
    expect(await laneHistory(db.database, scene)).toEqual([
      ['lane.reconnected_to_primary', 'primary_answers'],
    ]);
  });

  test('a primary that flaps begins anew with each failure', async () => {
    const scene = await awayScene(10, await freePort());
    await answersSince(scene, 60);
    await probes().look();
    expect(await laneOf(db.database, scene)).toMatchObject({
      active_endpoint: 'alternate',
      primary_up_since: null,
    });
  });

  test('switched off: people see that it answers, and mail stays on the alternate', async () => {
    const scene = await awayScene(null);
    await answersSince(scene, 10_000);
    await probes().look();
    const lane = await laneOf(db.database, scene);
    expect(lane.active_endpoint).toBe('alternate');
    expect(lane.primary_up_since).not.toBeNull();
  });

  test('two workers ask it once', async () => {
    const scene = await awayScene(10);
    await Promise.all([probes().look(), probes().look()]);
    const before = (await laneOf(db.database, scene)).primary_up_since;
    await probes().look();
    expect((await laneOf(db.database, scene)).primary_up_since).toEqual(before);
  });
});
