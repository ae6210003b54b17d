import assert from 'node:assert/strict';
import { stall, usual } from '#tests/servers/smtp/hostile-script.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { Fault } from '../fault.ts';
import type { Desk } from '../support/desk.ts';
import type { Ground } from '../support/ground.ts';
import { bringTo, type KillPoint, killPoints, startStallingSink } from './kill-points.ts';
import { Pair } from './pair.ts';

async function killRounds(ground: Ground, points: readonly KillPoint[]): Promise<void> {
  const pair = new Pair(ground);
  await pair.fill();
  const desks: Desk[] = [];
  for (const point of points) {
    const sink = await startStallingSink(ground);
    const desk = await ground.openDesk(sink);
    const shape = { bodyBytes: point === 'data' ? 60_000 : 1_000 };
    const accept = () => desk.accept(10 + ground.random.below(30), shape);
    const stand = await bringTo(point, { ground, desk, sink, accept });
    try {
      await stand.reached();
      await pair.killHolder(desk);
    } finally {
      await stand.release();
    }
    desks.push(desk);
    await pair.fill();
  }
  await Promise.all(desks.map((desk) => desk.settled(120_000)));
  const doubts = await Promise.all(desks.map((desk) => desk.attemptsThat('uncertain')));
  ground.say(
    `killed ${points.length} times; ${doubts.reduce((sum, each) => sum + each, 0)} attempts in doubt`,
  );
}

/** Facts, faults 1 to 6. */
export const killedWorkers: Fault = {
  name: 'killed-workers',
  title: 'kill -9 of the worker at claim, started, envelope, data, answer, settle and anywhere',
  needs: 'workers',
  withinMs: 1_800_000,
  run: (ground) => killRounds(ground, ground.random.deal(killPoints, ground.rounds(7, 28))),
};

/** One fault for each point, to look at it alone. */
export const killedAt: readonly Fault[] = killPoints.map((point) => ({
  name: `killed-at-${point}`,
  title: `kill -9 of the worker while a mail is at: ${point}`,
  needs: 'workers',
  isLong: true,
  withinMs: 300_000,
  run: async (ground: Ground) => {
    await killRounds(
      ground,
      Array.from({ length: ground.rounds(1, 3) }, () => point),
    );
    const doubts = await Promise.all(ground.desks.map((desk) => desk.attemptsThat('uncertain')));
    // Without a committed mark nothing can have left: nothing may be in doubt (facts, faults 1 and 2).
    if (point === 'claim' || point === 'started') assert.equal(Math.max(...doubts), 0);
  },
}));

/** PRODUCT 4.8: a project may want doubtful mail kept for a person. */
export const doubtsHeld: Fault = {
  name: 'doubts-held',
  title:
    'kill -9 in mid-drain where the project holds doubtful mail: those few wait for a person, none goes twice',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink, { sending: { uncertain: 'hold' } });
    const first = await ground.startWorker();
    await desk.accept(600);
    await sink.mailbox.reached(50 + ground.random.below(200));
    await ground.kill(first);
    await ground.startWorker();
    await desk.settled();
    const { uncertain = 0 } = await desk.states();
    assert.equal(sink.mailbox.arrivals.length, sink.mailbox.size, 'a mail went twice');
    // Only what was on a connection, or answered within the last moments, can be in doubt.
    assert.ok(uncertain <= 250, `${uncertain} mails in doubt on five connections`);
    ground.say(`${uncertain} mails for a person`);
  },
};

/** Facts, fault 28: the mail whose worker dies each time that it is sent. */
export const poisonedMail: Fault = {
  name: 'poisoned-mail',
  title: 'a mail kills its worker each time that it is sent: it alone is set aside after three times',
  needs: 'workers',
  isLong: true,
  withinMs: 240_000,
  run: async (ground) => {
    let isPoisoned: (() => void) | null = null;
    const sink = await ground.startSink({
      reactions: {
        endOfData: (content) => {
          if (!/^subject: poison/im.test(content)) return usual;
          isPoisoned?.();
          return stall;
        },
      },
    });
    const desk = await ground.openDesk(sink);
    const pair = new Pair(ground);
    let kills = 0;
    let killing = Promise.resolve();
    isPoisoned = () => {
      kills += 1;
      killing = killing.then(() => pair.killHolder(desk)).then(() => pair.fill());
    };
    await pair.fill();
    await desk.accept(20);
    await desk.accept(1, { subject: 'Poison' });
    await desk.accept(20);
    await waitUntil('three dead workers', () => kills >= 3, { withinMs: 150_000, everyMs: 100 });
    await desk.settled(90_000);
    await killing;
    const kept = await desk.kept();
    const aside = kept.filter(({ state }) => state === 'uncertain');
    ground.say(`${kills} workers died; ${aside.length} mails set aside`);
    assert.equal(kills, 3);
    assert.equal(aside.length, 1, 'mails that only stood beside it were set aside');
  },
};
