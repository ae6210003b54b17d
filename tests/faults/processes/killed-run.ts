import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import { startMessageRun } from '#lib/messages/start-message-run.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
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
    await pauseSending(ground.ctx, { project });
    await desk.accept(ground.isShort ? 2_000 : 10_000);
    await startMessageRun(ground.ctx, { project, kind: 'hold', selection: { filter: {} } });
    while ((await desk.states())['queued'] !== undefined) await advanceBulkRuns(ground.ctx);
    await resumeSending(ground.ctx, { project });
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
