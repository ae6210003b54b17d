import type { Clock } from '#lib/clock.ts';
import type { Database } from '#db/client.ts';
import type { Log } from '#lib/context.ts';
import { type AskedMail, launchSlackMs, permitHorizonMs } from '#lib/policy/pace.ts';
import { askPool, type PoolAnswer } from './ask-pool.ts';
import type { GateAnswer, GateUser } from './lane-gate.ts';

export interface SeatHost {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  random(): number;
  /** Ends the connections of a project, so that another lane may open some. */
  closeTransport(projectId: string): Promise<void>;
}

interface Permit {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly mail: AskedMail;
}

interface Unused {
  readonly mails: number;
  readonly recipients: number;
  readonly bytes: number;
}

const nothing: Unused = { mails: 0, recipients: 0, bytes: 0 };
/** Half of the slack is for the worker, the rest for what lies between a start and the server's clock. */
const usableMs = launchSlackMs / 2;
/** A stop or a slow rate may be lifted by a person meanwhile. */
const longestWaitMs = 5_000;
const afterFaultMs = 1_000;
const recheckMs = 1_000;
/** An idle lane keeps its connections for so long, or until another lane of the pool wants them. */
const lingerMs = 5_000;
const restMs = 1_000;
const mostAsked = 200;

/** One lane's place at one pool: the permits in hand, the connections it may use, and when to ask next. */
export class PoolSeat {
  readonly #host: SeatHost;
  readonly #poolId: string;
  readonly #projects = new Set<string>();
  #user: GateUser;
  #isLeft = false;
  #permits: Permit[] = [];
  #unused = nothing;
  #answer: PoolAnswer | null = null;
  #inFlight = 0;
  /** Sends under way at most since the connections were closed last: so many may be open. */
  #open = 0;
  #asking: Promise<void> | null = null;
  #isClosing = false;
  #askAtMs = -Infinity;
  #usedMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(host: SeatHost, poolId: string, user: GateUser) {
    this.#host = host;
    this.#poolId = poolId;
    this.#user = user;
    this.#usedMs = this.#nowMs();
  }

  /** A new drain of the same lane sits down. */
  take(user: GateUser): void {
    this.#user = user;
    this.#isLeft = false;
  }

  isOf(user: GateUser): boolean {
    return this.#user === user && !this.#isLeft;
  }

  next(projectId: string): GateAnswer {
    this.#projects.add(projectId);
    this.#dropLate();
    if (this.#answer?.kind === 'free' && this.#nowMs() < this.#askAtMs) return this.#go(null);
    if (this.#mustShrink()) return this.#shrink();
    const [permit] = this.#permits;
    const isReady = permit !== undefined && permit.fromMs <= this.#nowMs();
    const answer: GateAnswer = isReady && !this.#isFull() ? this.#go(permit) : this.#refuse();
    if (answer.kind !== 'spent') this.#maybeAsk();
    return answer;
  }

  leave(): void {
    this.#isLeft = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const permit of this.#permits.splice(0)) this.#giveBack(permit.mail);
    if (this.#unused.mails > 0) void this.#ask([]);
  }

  /** Called by a timer. False when nothing is left to look after. */
  async look(): Promise<boolean> {
    await this.#asking;
    if (this.#isLeft && this.#unused.mails > 0) await this.#ask([]);
    if (this.#open === 0) return !this.#isLeft;
    const restedMs = this.#nowMs() - this.#usedMs;
    if (this.#inFlight > 0 || restedMs < restMs) return true;
    if (!this.#countsConnections()) return !this.#isLeft;
    await this.#ask([]);
    if (this.#mustShrink() || (this.#isLeft && restedMs > lingerMs)) await this.#close();
    return true;
  }

  async close(): Promise<void> {
    if (this.#open > 0) await this.#close();
    await this.#asking;
  }

  #go(permit: Permit | null): GateAnswer {
    if (permit !== null) this.#permits.shift();
    this.#inFlight += 1;
    this.#open = Math.max(this.#open, this.#inFlight);
    this.#usedMs = this.#nowMs();
    let isReleased = false;
    return {
      kind: 'go',
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#inFlight -= 1;
        this.#usedMs = this.#nowMs();
      },
    };
  }

  #refuse(): GateAnswer {
    const answer = this.#answer;
    // Permits that ran out unused, or are just being given back, are room that the answer did not know of.
    const isGivenBack = this.#unused.recipients === 0 && this.#asking === null;
    const isAll = this.#permits.length === 0 && isGivenBack;
    if (isAll && answer?.kind === 'paced' && answer.next.kind === 'quota') {
      // Said once: what comes after the hold is asked for anew.
      this.#answer = { ...answer, next: { kind: 'none' } };
      return { kind: 'spent', left: answer.next.left };
    }
    const [permit] = this.#permits;
    if (permit !== undefined && !this.#isFull()) this.#pumpIn(permit.fromMs - this.#nowMs());
    return { kind: 'wait' };
  }

  #isFull(): boolean {
    const limit = this.#limit();
    return limit !== null && this.#inFlight >= limit;
  }

  /** A permit that no connection is free for would only run out; so it asks for a connection alone. */
  #canOnlyGrow(): boolean {
    return this.#isFull() && this.#inFlight > 0;
  }

  #limit(): number | null {
    return this.#answer?.kind === 'paced' ? this.#answer.connections : null;
  }

  #countsConnections(): boolean {
    return this.#limit() !== null;
  }

  #mustShrink(): boolean {
    const limit = this.#limit();
    return this.#isClosing || (limit !== null && this.#open > limit);
  }

  #shrink(): GateAnswer {
    if (this.#inFlight === 0) void this.#close();
    return { kind: 'wait' };
  }

  /** Connections that are open cannot be closed one by one: all of the lane's are, and it asks anew. */
  async #close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    try {
      await Promise.all([...this.#projects].map((projectId) => this.#host.closeTransport(projectId)));
      this.#open = 0;
      for (const permit of this.#permits.splice(0)) this.#giveBack(permit.mail);
      await this.#asking;
      await this.#ask([]);
    } finally {
      this.#isClosing = false;
    }
    if (!this.#isLeft) this.#user.pump();
  }

  #maybeAsk(): void {
    if (this.#asking !== null || this.#isLeft || this.#isClosing) return;
    const waitMs = this.#askAtMs - this.#nowMs();
    if (waitMs > 0) return this.#pumpIn(waitMs);
    const mails = this.#user.upcoming(this.#poolId).slice(this.#permits.length, mostAsked);
    if (mails.length > 0) void this.#ask(this.#canOnlyGrow() ? [] : mails);
  }

  #ask(mails: readonly AskedMail[]): Promise<void> {
    const unused = this.#unused;
    this.#unused = nothing;
    const asking = this.#exchange(mails, unused).finally(() => {
      this.#asking = null;
      if (!this.#isLeft && !this.#isClosing) this.#user.pump();
    });
    this.#asking = asking;
    return asking;
  }

  async #exchange(mails: readonly AskedMail[], unused: Unused): Promise<void> {
    const askedMs = this.#nowMs();
    const { laneId, workerId } = this.#user.lease;
    try {
      const answer = await askPool(this.#host.database, {
        poolId: this.#poolId,
        laneId,
        workerId,
        mails,
        unused,
        open: this.#open,
        wanted: this.#wanted(),
      });
      this.#heed(answer, mails, askedMs);
    } catch (error) {
      this.#unused = add(this.#unused, unused);
      this.#askAtMs = this.#nowMs() + afterFaultMs;
      this.#host.log.warn({ err: error, poolId: this.#poolId, laneId }, 'the pool did not answer');
    }
  }

  #wanted(): number {
    if (this.#isClosing || this.#isLeft) return this.#open;
    return Math.max(this.#open, this.#inFlight + this.#user.upcoming(this.#poolId).length);
  }

  #heed(answer: PoolAnswer, mails: readonly AskedMail[], askedMs: number): void {
    this.#answer = answer;
    const nowMs = this.#nowMs();
    if (answer.kind === 'free') {
      this.#askAtMs = nowMs + recheckMs;
      return;
    }
    for (const [index, startInMs] of answer.startsInMs.entries()) {
      const mail = mails[index];
      if (mail === undefined) continue;
      if (this.#isLeft) this.#giveBack(mail);
      else this.#permits.push({ fromMs: nowMs + startInMs, untilMs: askedMs + startInMs + usableMs, mail });
    }
    const waitMs = answer.next.kind === 'wait' ? this.#waitMs(answer.next) : 0;
    this.#askAtMs = nowMs + Math.max(waitMs, this.#canOnlyGrow() ? recheckMs : 0);
  }

  // Half a horizon ahead of the next start, so that its permit is in hand in time; a little apart from other lanes.
  #waitMs({ ms, cause }: { readonly ms: number; readonly cause: string }): number {
    const aheadMs = cause === 'stopped' || cause === 'connections' ? 0 : permitHorizonMs / 2;
    const spreadMs = Math.min(200, ms / 10) * this.#host.random();
    return Math.min(Math.max(ms - aheadMs, 0) + spreadMs, longestWaitMs);
  }

  #dropLate(): void {
    const nowMs = this.#nowMs();
    while (this.#permits[0] !== undefined && this.#permits[0].untilMs < nowMs) {
      const late = this.#permits.shift();
      if (late !== undefined) this.#giveBack(late.mail);
    }
  }

  #giveBack(mail: AskedMail): void {
    this.#unused = add(this.#unused, { mails: 1, ...mail });
  }

  #pumpIn(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        if (!this.#isLeft) this.#user.pump();
      },
      Math.max(1, Math.ceil(ms)),
    );
  }

  #nowMs(): number {
    return this.#host.clock.monotonicMs();
  }
}

function add(one: Unused, other: Unused): Unused {
  return {
    mails: one.mails + other.mails,
    recipients: one.recipients + other.recipients,
    bytes: one.bytes + other.bytes,
  };
}
