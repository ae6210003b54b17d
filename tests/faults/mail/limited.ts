import assert from 'node:assert/strict';
import type { Fault } from '../fault.ts';

/** Facts, fault 22. */
export const limitHit: Fault = {
  name: 'limit-hit',
  title:
    'two workers reach the limit of the day in the middle of their batches, and one is killed: not one too many',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desks = [await ground.openDesk(sink), await ground.openDesk(sink), await ground.openDesk(sink)];
    const limit = 300 + ground.random.below(300);
    // Each project has this limit of its own; the organization's would hold the project beside them too.
    for (const desk of desks) await desk.limitTo(Math.floor(limit / desks.length));
    const workers = await Promise.all([ground.startWorker(), ground.startWorker()]);
    await Promise.all(desks.map((desk) => desk.accept(300)));
    await sink.mailbox.reached(20 + ground.random.below(200));
    const [victim] = workers;
    if (victim !== undefined) await ground.kill(victim);
    await Promise.all(desks.map((desk) => desk.settled()));
    for (const desk of desks) {
      const kept = await desk.kept();
      const started = kept.filter(({ attempts }) => attempts.length > 0).length;
      const held = kept.filter(({ state }) => state === 'backlog').length;
      assert.equal(started, Math.floor(limit / desks.length), 'not as many as the limit were started');
      assert.equal(held, 300 - started);
    }
    ground.say(`limit ${Math.floor(limit / desks.length)} for each of three projects`);
  },
};
