import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { Fault } from '../fault.ts';

/** Facts, fault 27. */
export const fullDisk: Fault = {
  name: 'full-disk',
  title:
    'the disk of the database is full for a while: nothing is accepted by halves, and all of it goes on by itself',
  needs: 'small disk',
  withinMs: 300_000,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    await desk.accept(200);
    await sink.mailbox.reached(50);
    const isBack = ground.outages.begin();
    await ground.server.fill();
    let refused = 0;
    for (let round = 0; round < 40; round += 1) {
      await desk.accept(20, { bodyBytes: 20_000 }).catch(() => {
        refused += 1;
      });
      await pause(100);
    }
    ground.say(`${refused} of 40 batches found no room`);
    await ground.server.free();
    // It ends itself where it cannot write, and is started again.
    await waitUntil(
      'a database that answers',
      () =>
        desk.states().then(
          () => true,
          () => false,
        ),
      { withinMs: 60_000 },
    );
    isBack();
    await desk.settled(120_000);
    await desk.accept(50);
    await desk.settled();
    assert.ok(refused > 0, 'the disk was never full');
  },
};
