import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import { countLostWorkers } from '../support/fleet.ts';
import { shiftClock } from './set-clock.ts';

/** Facts, fault 21: the clock that SQL reads is the one that counts, for every session at the same moment. */
export const clockSteps: Fault = {
  name: 'clock-steps',
  title: 'the clock steps a day ahead, two back and one ahead in mid-drain: nothing is stranded',
  needs: 'server',
  withinMs: 300_000,
  movesClock: true,
  run: async (ground) => {
    const sink = await ground.startSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    await desk.accept(100);
    await sink.mailbox.reached(20);
    // What waits when the clock steps back waits by a clock that was wrong: for its server, for its turn, for its try.
    await shiftClock(ground, '1 day');
    await desk.accept(100);
    await sink.mailbox.reached(120);
    await sink.server.close();
    await desk.accept(50);
    await pause(3_000);
    await shiftClock(ground, '-1 day');
    const back = await ground.startSink({ port: sink.port }, sink.mailbox);
    await desk.accept(20);
    await desk.settled(60_000);
    assert.ok(back.server.deliveries.length >= 70);
    await shiftClock(ground, '0');
    await desk.accept(50);
    await desk.settled(60_000);
    assert.equal(await countLostWorkers(ground), 0, 'a living worker was taken for lost');
  },
};
