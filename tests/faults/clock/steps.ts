import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import { countLostWorkers } from '../support/fleet.ts';
import type { ServerGround } from '../support/ground.ts';
import { administer } from '../support/postgres.ts';

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
    await setClock(ground, '1 day');
    await desk.accept(100);
    await sink.mailbox.reached(120);
    await sink.server.close();
    await desk.accept(50);
    await pause(3_000);
    ground.outages.note(20_000);
    await setClock(ground, '-1 day');
    const back = await ground.startSink({ port: sink.port }, sink.mailbox);
    await desk.accept(20);
    await desk.settled(60_000);
    assert.ok(back.server.deliveries.length >= 70);
    ground.outages.note(15_000);
    await setClock(ground, '0');
    await desk.accept(50);
    await desk.settled(60_000);
    assert.equal(await countLostWorkers(ground), 0, 'a living worker was taken for lost');
  },
};

async function setClock(ground: ServerGround, offset: string): Promise<void> {
  await administer(ground.server, `alter system set mailroom.clock_offset = '${offset}'`);
  await administer(ground.server, 'select pg_reload_conf()');
}
