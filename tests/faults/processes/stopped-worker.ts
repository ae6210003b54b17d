import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { waitUntil } from '#tests/support/wait-for.ts';
import { workerArguments } from '#worker/launch.ts';
import type { Fault } from '../fault.ts';
import { countLivingWorkers } from '../support/fleet.ts';
import type { Ground } from '../support/ground.ts';
import type { Mailbox } from '../support/mailbox.ts';
import type { WorkerProcess } from '../support/worker.ts';
import { startStallingSink } from './kill-points.ts';

/** Facts, fault 8. */
export const frozenWorker: Fault = {
  name: 'frozen-worker',
  title:
    'SIGSTOP past the lease, then SIGCONT: the zombie starts nothing and withholds the end of what it had begun',
  needs: 'workers',
  run: async (ground) => {
    const sink = await startStallingSink(ground);
    const desk = await ground.openDesk(sink, { connection: { maxConnections: 3 } });
    const first = await ground.startWorker();
    const standing = sink.stallAt('content');
    await desk.accept(60, { bodyBytes: 400_000 });
    await standing.reached();
    ground.freeze(first);
    sink.stallAt(null);
    await ground.startWorker();
    await desk.settled();
    await wakeZombie(ground, first, sink.mailbox);
  },
};

/** The answer came while the worker slept: it settles by its attempt, or stands beside the other as a repeat. */
export const lateAnswer: Fault = {
  name: 'late-answer',
  title:
    'SIGSTOP between the final dot and the answer, past the lease: the late answer is kept, a copy is marked',
  needs: 'workers',
  isLong: true,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    const first = await ground.startWorker();
    await desk.accept(800);
    await sink.mailbox.reached(100 + ground.random.below(300));
    ground.freeze(first);
    await ground.startWorker();
    await desk.settled();
    await wakeZombie(ground, first, sink.mailbox);
  },
};

/** Facts, the further ones: a large answer, a slow pattern or a long collection of garbage. */
export const blockedLoop: Fault = {
  name: 'blocked-loop',
  title:
    'the event loop of a worker stands still for 10 s with mails under way: another takes its lanes, no copies',
  needs: 'workers',
  isLong: true,
  run: async (ground) => {
    const sink = await startStallingSink(ground);
    const desk = await ground.openDesk(sink, { connection: { maxConnections: 3 } });
    const blockable = resolve(import.meta.dirname, '../support/blockable-program.ts');
    const first = await ground.startWorker({ program: ['--import', blockable, ...workerArguments] });
    const standing = sink.stallAt('content');
    await desk.accept(60, { bodyBytes: 400_000 });
    await standing.reached();
    ground.block(first);
    sink.stallAt(null);
    await ground.startWorker();
    await desk.settled();
    await waitUntil('it enters anew', async () => (await countLivingWorkers(ground)) === 2, {
      withinMs: 30_000,
    });
    assert.equal((await first.stop()).code, 0);
    assert.equal(sink.mailbox.arrivals.length, sink.mailbox.size, 'a mail went twice');
  },
};

/** Facts, fault 7. */
export const askedToEnd: Fault = {
  name: 'asked-to-end',
  title: 'SIGTERM in mid-drain: what is under way ends, the rest is given back, exit 0, no repeats',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    const first = await ground.startWorker();
    await desk.accept(1000);
    await sink.mailbox.reached(50 + ground.random.below(300));
    assert.equal((await first.stop()).code, 0);
    assert.equal(await desk.underWay(), 0);
    assert.equal(await desk.queued(), 1000 - sink.mailbox.size);
    await ground.startWorker();
    await desk.settled();
    assert.equal(sink.mailbox.arrivals.length, 1000);
  },
};

/** Rolling restart: always one at work. */
export const rollingRestart: Fault = {
  name: 'rolling-restart',
  title: 'workers are replaced one after the other under load: no repeats, nothing waits',
  needs: 'workers',
  isLong: true,
  withinMs: 600_000,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    let running = await ground.startWorker();
    for (let round = 0; round < ground.rounds(2, 8); round += 1) {
      await desk.accept(400);
      await sink.mailbox.reached(round * 400 + 20 + ground.random.below(200));
      const next = await ground.startWorker();
      assert.equal((await running.stop()).code, 0);
      running = next;
    }
    await desk.settled();
    assert.equal(sink.mailbox.arrivals.length, sink.mailbox.size, 'a mail went twice');
  },
};

/** It enters anew beside the worker that took its place, and hands over nothing of what it had. */
async function wakeZombie(ground: Ground, zombie: WorkerProcess, mailbox: Mailbox): Promise<void> {
  const before = mailbox.arrivals.length;
  ground.wake(zombie);
  await waitUntil('the zombie enters anew', async () => (await countLivingWorkers(ground)) === 2, {
    withinMs: 30_000,
  });
  assert.equal((await zombie.stop()).code, 0);
  assert.equal(mailbox.arrivals.length, before, 'the zombie handed a mail over');
}
