import assert from 'node:assert/strict';
import type { Fault } from '../fault.ts';
import { Caller } from '../support/caller.ts';
import type { Desk } from '../support/desk.ts';
import type { ServerGround } from '../support/ground.ts';
import { startPortal } from '../support/portal.ts';
import { bringTo, type KillPoint, startStallingSink } from './kill-points.ts';
import { Pair } from './pair.ts';

type Victim = 'worker' | 'portal' | 'Postgres';

const victims: readonly Victim[] = ['worker', 'portal', 'Postgres'];
const points: readonly KillPoint[] = ['accept', 'claim', 'started', 'data', 'settle'];
const deaths = victims.flatMap((victim) => points.map((point) => ({ victim, point })));

const callersAtOnce = 4;

/** Facts, faults 1 to 6 and 9, and the further ones: a mail handed in by the API, whoever dies wherever it is. */
export const killedAnyone: Fault = {
  name: 'killed-anyone',
  title: 'kill -9 of worker, portal and Postgres while a mail is at accept, claim, started, data and settle',
  needs: 'server',
  startsPortal: true,
  isLong: true,
  withinMs: 3_600_000,
  run: async (ground) => {
    const rounds = ground.random.deal(deaths, ground.rounds(deaths.length, 100));
    const house = new House(ground, new Pair(ground), await startPortal(ground.databaseUrl, ground.endings));
    await house.workers.fill();
    for (const [round, death] of rounds.entries()) await house.round(round, death.victim, death.point);
    await Promise.all(ground.desks.map((desk) => desk.settled(120_000)));
    const doubts = await Promise.all(ground.desks.map((desk) => desk.attemptsThat('uncertain')));
    ground.say(
      `killed ${rounds.length} times (${victims
        .map((victim) => `${victim} ${rounds.filter((death) => death.victim === victim).length}`)
        .join(', ')}); ${doubts.reduce((sum, each) => sum + each, 0)} attempts in doubt`,
    );
    const handedIn = ground.desks.reduce((sum, { accepted }) => sum + new Set(accepted).size, 0);
    assert.equal(handedIn, house.handedIn, 'a key made two mails, or none');
  },
};

/** Everything that is needed, and what dies of it is started again. */
class House {
  readonly workers: Pair;
  handedIn = 0;
  readonly #ground: ServerGround;
  #portal: Awaited<ReturnType<typeof startPortal>>;

  constructor(ground: ServerGround, workers: Pair, portal: Awaited<ReturnType<typeof startPortal>>) {
    this.#ground = ground;
    this.workers = workers;
    this.#portal = portal;
  }

  async round(round: number, victim: Victim, point: KillPoint): Promise<void> {
    const ground = this.#ground;
    const sink = await startStallingSink(ground);
    const desk = await ground.openDesk(sink);
    const caller = await Caller.open(ground, desk, this.#portal.port);
    const keys = Array.from({ length: 10 + ground.random.below(20) }, (_, index) => `${round}-${index}`);
    this.handedIn += keys.length;
    const accept = () =>
      Promise.all(
        Array.from({ length: callersAtOnce }, async () => {
          for (let key = keys.shift(); key !== undefined; key = keys.shift()) await caller.send(key);
        }),
      );
    const stand = await bringTo(point, { ground, desk, sink, accept });
    try {
      await stand.reached();
      await this.#kill(victim, desk);
    } finally {
      await stand.release();
    }
    await this.#restore(victim);
    await stand.accepted;
  }

  async #kill(victim: Victim, desk: Desk): Promise<void> {
    switch (victim) {
      case 'worker':
        return await this.workers.killHolder(desk);
      case 'portal':
        this.#portal.signal('SIGKILL');
        await this.#portal.exited;
        return;
      case 'Postgres':
        return await this.#ground.server.kill();
      default:
        victim satisfies never;
    }
  }

  async #restore(victim: Victim): Promise<void> {
    const ground = this.#ground;
    switch (victim) {
      case 'worker':
        return await this.workers.fill();
      case 'portal':
        this.#portal = await startPortal(ground.databaseUrl, ground.endings, this.#portal.port);
        return;
      case 'Postgres':
        return await ground.server.start();
      default:
        victim satisfies never;
    }
  }
}
