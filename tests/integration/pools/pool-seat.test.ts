import { expect, test } from 'vitest';
import { PoolSeat } from '#lib/pools/pool-seat.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { keptLog } from '#tests/support/factories.ts';
import { makeScene } from '../queue/queue-scene.ts';
import { enterWorker, makePool } from './pool-scene.ts';

const { database } = await createTestDatabase();

test('a permit that ran out unused is asked for again before anything is held for the quota', async () => {
  const scene = await makeScene(database, { port: 25 });
  const poolId = await makePool(database, [scene], { recipientsPerDay: 2 });
  const waiting = Array.from({ length: 3 }, () => ({ recipients: 1, bytes: 2_000, passesQuota: false }));
  let nowMs = 0;
  let pumped = Promise.withResolvers<void>();
  const clock = { now: () => new Date(), monotonicMs: () => nowMs };
  const host = { database, clock, log: keptLog(), random: () => 0, closeTransport: () => Promise.resolve() };
  const seat = new PoolSeat(host, poolId, {
    lease: { laneId: scene.project.laneId, workerId: await enterWorker(database) },
    upcoming: () => waiting,
    pump: () => pumped.resolve(),
  });
  const ask = async (): Promise<string> => {
    pumped = Promise.withResolvers();
    const { kind } = seat.next(scene.project.id);
    if (kind === 'wait') await pumped.promise;
    if (kind === 'go') waiting.pop();
    return kind;
  };

  expect(await ask()).toBe('wait');
  // The worker was kept from its work until both permits had run out.
  nowMs += 60_000;
  pumped = Promise.withResolvers();
  const whileAsking = [seat.next(scene.project.id), seat.next(scene.project.id)];
  expect(whileAsking).toEqual([{ kind: 'wait' }, { kind: 'wait' }]);
  await pumped.promise;
  expect([await ask(), await ask()]).toEqual(['go', 'go']);
  const last = await ask();
  expect(last === 'wait' ? await ask() : last).toBe('spent');
  seat.leave();
});
