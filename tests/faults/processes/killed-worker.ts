import assert from 'node:assert/strict';
import { stall, usual } from '#tests/servers/smtp/hostile-script.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { Fault } from '../fault.ts';
import type { Desk } from '../support/desk.ts';
import type { Ground } from '../support/ground.ts';
import type { WorkerProcess } from '../support/worker.ts';
import { type KillPoint, killPoints, standstill, startStallingSink } from './kill-points.ts';

/** Two workers at all times: one dies, one lives on, a new one comes. */
class Pair {
  readonly #ground: Ground;
  #workers: WorkerProcess[] = [];
  #filled = Promise.resolve();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  fill(): Promise<void> {
    this.#filled = this.#filled.then(async () => {
      while (this.#workers.length < 2) this.#workers.push(await this.#ground.startWorker());
      return undefined;
    });
    return this.#filled;
  }

  /** Kills the one that drives the lane, or any where none does. */
  async killHolder(desk: Desk): Promise<void> {
    // One that has just been started may drive the lane before we have it.
    await this.#filled;
    const pid = await desk.holderPid();
    const victim =
      this.#workers.find((worker) => worker.pid === pid) ?? this.#ground.random.pick(this.#both());
    this.#workers = this.#workers.filter((worker) => worker !== victim);
    await this.#ground.kill(victim);
  }

  #both(): [WorkerProcess, ...WorkerProcess[]] {
    const [first, ...others] = this.#workers;
    if (first === undefined) throw new Error('no worker is left');
    return [first, ...others];
  }
}

async function killRounds(ground: Ground, points: readonly KillPoint[]): Promise<void> {
  const pair = new Pair(ground);
  await pair.fill();
  const desks: Desk[] = [];
  for (const point of points) {
    const sink = await startStallingSink(ground);
    const desk = await ground.openDesk(sink);
    // Settling can be held only for mails that are there before.
    const held = point === 'settle' ? null : await standstill(point, ground, desk, sink);
    const accepting = desk.accept(10 + ground.random.below(30), {
      bodyBytes: point === 'data' ? 60_000 : 1_000,
    });
    if (point !== 'claim') await accepting;
    const stand = held ?? (await standstill(point, ground, desk, sink));
    await Promise.race([stand.reached(), desk.settled()]);
    await pair.killHolder(desk);
    await stand.release();
    await accepting;
    desks.push(desk);
    await pair.fill();
  }
  await Promise.all(desks.map((desk) => desk.settled(120_000)));
  const doubts = await Promise.all(desks.map((desk) => desk.attemptsThat('uncertain')));
  ground.say(
    `killed ${points.length} times; ${doubts.reduce((sum, each) => sum + each, 0)} attempts in doubt`,
  );
}

/** So many points, each kind about equally often, in an order of chance. */
function pointsFor(ground: Ground, count: number): KillPoint[] {
  const points = Array.from(
    { length: count },
    (_, index) => killPoints[index % killPoints.length] ?? 'anywhere',
  );
  for (let last = points.length - 1; last > 0; last -= 1) {
    const other = ground.random.below(last + 1);
    [points[last], points[other]] = [points[other] ?? 'anywhere', points[last] ?? 'anywhere'];
  }
  return points;
}

/** Facts, faults 1 to 6. */
export const killedWorkers: Fault = {
  name: 'killed-workers',
  title: 'kill -9 of the worker at claim, started, envelope, data, answer, settle and anywhere',
  needs: 'workers',
  withinMs: 1_800_000,
  run: (ground) => killRounds(ground, pointsFor(ground, ground.rounds(7, 100))),
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
