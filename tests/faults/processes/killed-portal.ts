import assert from 'node:assert/strict';
import type { Fault } from '../fault.ts';
import { Caller } from '../support/caller.ts';
import { startPortal } from '../support/portal.ts';

const atOnce = 4;

/** Facts, section 7, the further ones: killed between the commit and the answer, the same key finds the same mail. */
export const killedPortal: Fault = {
  name: 'killed-portal',
  title:
    'kill -9 of the portal at chance while mail is handed in: every mail is accepted once, whoever was cut off',
  needs: 'workers',
  startsPortal: true,
  withinMs: 900_000,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    let portal = await startPortal(ground.databaseUrl, ground.endings);
    const caller = await Caller.open(ground, desk, portal.port);
    const rounds = ground.rounds(2, 20);
    const mailsPerRound = 80;
    for (let round = 0; round < rounds; round += 1) {
      const keys = Array.from({ length: mailsPerRound }, (_, index) => `${round}-${index}`);
      let answered = 0;
      const killAfter = 5 + ground.random.below(mailsPerRound - 20);
      const killed = Promise.withResolvers<void>();
      const handing = Array.from({ length: atOnce }, async () => {
        for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
          await caller.send(key);
          answered += 1;
          if (answered === killAfter) killed.resolve();
        }
      });
      await killed.promise;
      await ground.pauseUpTo(20);
      portal.signal('SIGKILL');
      await portal.exited;
      portal = await startPortal(ground.databaseUrl, ground.endings, portal.port);
      await Promise.all(handing);
    }
    await desk.settled();
    assert.equal((await desk.kept()).length, rounds * mailsPerRound, 'a key made two mails');
    assert.equal(new Set(desk.accepted).size, rounds * mailsPerRound);
    assert.equal(sink.mailbox.arrivals.length, rounds * mailsPerRound);
    ground.say(`killed ${rounds} times; answers ${caller.summary()}`);
  },
};

/** Facts, fault 9, from where the callers stand. */
export const portalWithoutPostgres: Fault = {
  name: 'portal-without-postgres',
  title: 'Postgres dies while mail is handed in: 503 until it is back, and nothing that was accepted is lost',
  needs: 'server',
  startsPortal: true,
  withinMs: 300_000,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    const portal = await startPortal(ground.databaseUrl, ground.endings);
    const caller = await Caller.open(ground, desk, portal.port);
    const rounds = ground.rounds(1, 8);
    for (let round = 0; round < rounds; round += 1) {
      const keys = Array.from({ length: 60 }, (_, index) => `${round}-${index}`);
      const handing = Array.from({ length: atOnce }, async () => {
        for (let key = keys.shift(); key !== undefined; key = keys.shift()) await caller.send(key);
      });
      await ground.pauseUpTo(300);
      await ground.server.crash();
      await ground.pauseUpTo(3_000);
      await ground.server.start();
      await Promise.all(handing);
    }
    await desk.settled();
    assert.equal((await desk.kept()).length, rounds * 60, 'a key made two mails');
    ground.say(`answers ${caller.summary()}`);
    const odd = [...caller.statuses.keys()].filter(
      (status) => typeof status === 'number' && status !== 202 && status !== 503,
    );
    assert.deepEqual(odd, [], 'something else than 202 and 503 was answered');
  },
};
