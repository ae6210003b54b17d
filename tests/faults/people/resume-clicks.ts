import assert from 'node:assert/strict';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { Fault } from '../fault.ts';

const clicksAtOnce = 50;

/** Facts, the further ones. */
export const resumeClicks: Fault = {
  name: 'resume-clicks',
  title: 'ten thousand clicks on Resume for the same held mails, fifty at a time: each mail goes once',
  needs: 'workers',
  isLong: true,
  withinMs: 900_000,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    const project = desk.project.slug;
    await desk.accept(1_000);
    await desk.holdAll();
    await ground.startWorker();
    let left = ground.isShort ? 500 : 10_000;
    await Promise.all(
      Array.from({ length: clicksAtOnce }, async () => {
        for (; left > 0; left -= 1) {
          await startBulkRun(ground.ctx, { project, kind: 'resume', selection: { filter: {} } });
        }
      }),
    );
    const isOver = async (): Promise<boolean> => (await desk.states())['sent'] === 1_000;
    await waitUntil('an end of the backlog', isOver, { withinMs: 300_000, everyMs: 250 });
    await desk.settled();
    assert.equal(sink.mailbox.arrivals.length, 1_000);
  },
};
