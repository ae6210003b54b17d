import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { systemClock } from '#lib/clock.ts';
import { registerWorker } from '#lib/queue/fleet.ts';
import { renewLeases, takeLease, type Lease } from '#lib/queue/lease.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { makeScene } from './queue-scene.ts';

const { database } = await createTestDatabase();

async function takeLane(workerId: string): Promise<Lease> {
  const { project } = await makeScene(database, { port: 9 });
  const taken = await takeLease(database, systemClock, { laneId: project.laneId, workerId });
  if (taken === null) throw new Error('the lane was not free');
  return taken.lease;
}

test('a lane whose row marks hold for a moment is renewed, and one that stands locked holds up no other', async () => {
  const facts = { host: 'test', pid: 1, version: '', schemaNumber: 1, jobWorkerIds: [] };
  const workerId = await registerWorker(database, facts);
  const [busy, stuck, free] = [await takeLane(workerId), await takeLane(workerId), await takeLane(workerId)];
  for (const lease of [busy, stuck, free]) lease.validUntilMs = 0;
  const unlock = { busy: Promise.withResolvers<void>(), stuck: Promise.withResolvers<void>() };
  const locked = { busy: Promise.withResolvers<void>(), stuck: Promise.withResolvers<void>() };
  const lockers = (['busy', 'stuck'] as const).map((name) =>
    asOwner(database, async (tx) => {
      const { laneId } = name === 'busy' ? busy : stuck;
      await tx.query('select from mailroom.lanes where id = $1 for share', [laneId]);
      locked[name].resolve();
      await unlock[name].promise;
    }),
  );
  await Promise.all([locked.busy.promise, locked.stuck.promise]);
  const renewing = renewLeases(database, systemClock, [busy, stuck, free]);
  setTimeout(() => unlock.busy.resolve(), 50);
  expect((await renewing).map(({ laneId }) => laneId).toSorted()).toEqual(
    [busy, stuck, free].map(({ laneId }) => laneId).toSorted(),
  );
  expect([busy.validUntilMs > 0, stuck.validUntilMs > 0, free.validUntilMs > 0]).toEqual([true, false, true]);
  unlock.stuck.resolve();
  await Promise.all(lockers);
});
