import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import type { Fault } from '../fault.ts';

/** PRODUCT 5.5: a resume of everything survives whoever did it. */
export const killedRun: Fault = {
  name: 'killed-bulk-run',
  title: 'kill -9 of the worker that resumes the whole backlog: another finishes it, every mail goes once',
  needs: 'workers',
  isLong: true,
  withinMs: 400_000,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    const project = desk.project.slug;
    await desk.accept(ground.isShort ? 2_000 : 10_000);
    await desk.holdAll();
    const first = await ground.startWorker();
    await startBulkRun(ground.ctx, { project, kind: 'resume', selection: { filter: {} } });
    await sink.mailbox.reached(1 + ground.random.below(500));
    await ground.kill(first);
    await ground.startWorker();
    for (let states = await desk.states(); states['backlog'] !== undefined; states = await desk.states()) {
      await pause(500);
    }
    await desk.settled(200_000);
    assert.deepEqual(await desk.states(), { sent: desk.accepted.length });
  },
};
