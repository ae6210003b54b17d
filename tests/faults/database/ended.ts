import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { replyWhen, usual } from '#tests/servers/smtp/hostile-script.ts';
import type { Fault } from '../fault.ts';
import { countLostWorkers } from '../support/fleet.ts';

/** Facts, fault 9. */
export const postgresKilled: Fault = {
  name: 'postgres-killed',
  title: 'Postgres dies at once, by kill -9 or without a checkpoint, at chance in mid-drain, and comes back',
  needs: 'server',
  withinMs: 900_000,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    const worker = await ground.startWorker();
    const rounds = ground.rounds(2, 20);
    for (let round = 0; round < rounds; round += 1) {
      await desk.accept(500);
      await sink.mailbox.reached(round * 500 + 20 + ground.random.below(400));
      await (ground.random.below(2) === 0 ? ground.server.kill() : ground.server.crash());
      await ground.pauseUpTo(1_000);
      await ground.server.start();
      await desk.settled();
    }
    ground.say(`killed ${rounds} times`);
    assert.equal((await worker.stop()).code, 0);
    await ground.startWorker();
  },
};

/** An outage makes everybody look dead: the living must not be reaped for it. */
export const postgresAway: Fault = {
  name: 'postgres-away',
  title:
    'Postgres is away for longer than a lease with mails in flight: their answers settle, nobody reaps the living',
  needs: 'server',
  run: async (ground) => {
    const answered = Promise.withResolvers<void>();
    let isHeld = true;
    const sink = await ground.startSink({
      reactions: { endOfData: () => (isHeld ? replyWhen(answered.promise, '250 2.0.0 Ok: queued') : usual) },
    });
    const desk = await ground.openDesk(sink);
    await Promise.all([ground.startWorker(), ground.startWorker()]);
    await desk.accept(30);
    await sink.mailbox.reached(1);
    await ground.server.crash();
    // The answers come while nobody can be told of them.
    isHeld = false;
    answered.resolve();
    await pause(ground.isShort ? 10_000 : 25_000);
    await ground.server.start();
    await desk.settled();
    await pause(3_000);
    assert.equal(await countLostWorkers(ground), 0, 'a living worker was taken for lost');
    assert.equal(await desk.attemptsThat('uncertain'), 0);
  },
};
