import type { OutcomeDecision } from '#lib/policy/decide-outcome.ts';
import { connectionFacts } from '#lib/settings/connection-facts.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import type { DrainHost } from './drain-host.ts';
import { clearWait, holdLane, stopLane, type LaneReport } from './lane-effects.ts';
import { isValid, releaseLease, type LaneFacts, type Lease } from './lease.ts';
import type { MailAttempt } from './mail-attempt.ts';
import { MailSupply, type Supply } from './mail-supply.ts';
import type { StartAnswer } from './start-attempts.ts';
import type { OpenTransport } from './transport-cache.ts';

/**
 * Why a drain ended. `drained`: nothing is due; `sliced`: others wait for their turn; `held`: the lane stopped, waits
 * or changed its server; `failed`: the database did not answer; `shutdown`: the worker ends; `lost`: another worker may
 * drive the lane now.
 */
export type DrainEnd = 'drained' | 'sliced' | 'held' | 'failed' | 'shutdown' | 'lost';

/** Marks are set ahead of their turn by no more than this: a pause or a save must hold at the very next mail. */
const markAheadMs = 100;
/** How much one more send moves the mean time of a send. */
const meanWeight = 0.2;

/** Unreachable so often in a row while other connections work means the server, not a limit on connections. */
const unreachableInRow = 3;

/**
 * Drives one lane under its lease: claims batches, sends them with as many connections as the settings allow, and
 * goes on until nothing is due. Everything that happens meanwhile (a send that ended, a wake, a free place) calls
 * `pump`, which is the only place that decides what comes next.
 */
export class LaneDrain {
  readonly lease: Lease;
  inFlight = 0;
  readonly #host: DrainHost;
  readonly #facts: LaneFacts;
  readonly #supply: MailSupply;
  #ready: MailAttempt[] = [];
  #end: DrainEnd | null = null;
  #isClaiming = false;
  /** Sends under way at most; starts at one for a server that has not answered yet, and grows with its answers. */
  #rampLimit = 1;
  #isFresh = true;
  /** Mean time of a send; a server that has not answered yet counts as slow. */
  #meanSendMs = Number.POSITIVE_INFINITY;
  #unreachable = 0;
  #needsClearing: boolean;
  #pendingWork = 0;
  #isLeaving = false;
  #finish: (end: DrainEnd) => void = () => undefined;

  constructor(host: DrainHost, lease: Lease, facts: LaneFacts) {
    this.#host = host;
    this.lease = lease;
    this.#facts = facts;
    this.#supply = new MailSupply(host, lease, facts.organizationId);
    this.#needsClearing = facts.failureCount > 0;
  }

  /** Whether it still takes new mail: a drain that only waits for its last answers takes no lane's turn. */
  get isLaunching(): boolean {
    return this.#end === null && !(this.#supply.isExhausted && this.#ready.length === 0);
  }

  run(): Promise<DrainEnd> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.pump();
    });
  }

  /** No new mail from now on; what is under way ends by itself. */
  stop(end: 'sliced' | 'shutdown' | 'lost'): void {
    if (this.#end !== null && end !== 'lost') return;
    this.#end = end;
    this.pump();
  }

  /** Mail came in: look again, at the most urgent first. */
  noticeWake(wakeSeq: number): void {
    if (wakeSeq <= this.lease.wakeSeq) return;
    this.lease.wakeSeq = wakeSeq;
    this.#supply.lookAgain();
    this.pump();
  }

  /** A job for this lane reached this very process; its sequence is read with the next claim. */
  lookAgain(): void {
    this.#supply.lookAgain();
    this.pump();
  }

  pump(): void {
    if (this.#isLeaving) return;
    if (this.#end === null && !isValid(this.lease, this.#host.clock)) this.#end = 'lost';
    if (this.#end === null) this.#launch();
    if (this.#end === null) this.#markAhead();
    if (
      this.#end === null &&
      !this.#isClaiming &&
      !this.#supply.isExhausted &&
      this.#ready.length < this.#lowWater()
    ) {
      void this.#claim();
    }
    if (this.inFlight > 0 || this.#isClaiming || this.#pendingWork > 0) return;
    if (this.#end !== null || (this.#supply.isExhausted && this.#ready.length === 0)) void this.#leave();
  }

  #launch(): void {
    for (;;) {
      const [next] = this.#ready;
      if (next === undefined || this.inFlight >= this.#ceiling(next.opened)) return;
      const slot = this.#host.slots.take(this);
      if (slot === null) return;
      this.#ready.shift();
      this.inFlight += 1;
      void this.#send(next).finally(() => {
        this.inFlight -= 1;
        slot.release();
        this.pump();
      });
    }
  }

  #ceiling({ document, isProved }: OpenTransport): number {
    const { maxConnections } = connectionFacts(document);
    return isProved && !this.#needsClearing ? Math.min(maxConnections, Math.max(this.#rampLimit, 1)) : 1;
  }

  #lowWater(): number {
    return Math.max(20, 12 * this.#rampLimit);
  }

  /**
   * Asks for the marks of the next mails together, so that their commits are few. Only where the server answers
   * quickly and a doubt may be resent: a mail held for a person must not be in doubt for having waited its turn.
   */
  #markAhead(): void {
    const [first] = this.#ready;
    if (first === undefined || !first.opened.isProved || this.#needsClearing) return;
    if (first.opened.document.sending.uncertain === 'hold') return;
    const wanted = Math.min(
      10 * this.#rampLimit,
      Math.floor((this.#rampLimit * markAheadMs) / this.#meanSendMs),
    );
    const marked = this.#ready.findIndex((attempt) => !attempt.isMarked);
    if (marked === -1 || marked > 2 * this.#rampLimit) return;
    for (const attempt of this.#ready.slice(marked, wanted)) void attempt.start().catch(() => undefined);
  }

  async #send(attempt: MailAttempt): Promise<void> {
    const { mail } = attempt;
    const startedMs = this.#host.clock.monotonicMs();
    try {
      const { decision, settled } = await attempt.run();
      this.#noteSendTime(this.#host.clock.monotonicMs() - startedMs);
      this.#aside(mail, this.#afterSettling(settled));
      await this.#follow(attempt, decision);
    } catch (error) {
      this.#host.log.error(
        { err: error, messageId: mail.messageId, laneId: this.lease.laneId },
        'send failed',
      );
      this.#end ??= 'held';
    }
  }

  #noteSendTime(sendMs: number): void {
    const known = Number.isFinite(this.#meanSendMs) ? this.#meanSendMs : sendMs;
    this.#meanSendMs = known + meanWeight * (sendMs - known);
  }

  async #afterSettling(settled: Promise<StartAnswer | null>): Promise<void> {
    if ((await settled) !== 'stale_settings') return;
    // The others were made ready by the same old settings: they would only be refused one by one at the server.
    for (const attempt of this.#ready) if (!attempt.isMarked) this.#supply.letGo(attempt.mail);
    this.#ready = this.#ready.filter((attempt) => attempt.isMarked);
    this.lookAgain();
  }

  async #follow({ mail, opened }: MailAttempt, decision: OutcomeDecision): Promise<void> {
    const { database } = this.#host;
    const effect = decision.lane;
    if (effect.kind === 'none') return;
    if (effect.kind === 'reached') return this.#noteReached(opened);
    if (this.#end !== null) return;
    if (effect.kind === 'wait' && effect.waitKind === 'unreachable' && this.#isOnlyCrowded()) return;
    this.#end = 'held';
    const report: LaneReport = {
      lease: this.lease,
      organizationId: mail.organizationId,
      projectId: mail.projectId,
      settingsVersion: opened.version,
      hasAlternate: connectionFacts(opened.document).alternateHost !== null,
      random: this.#host.random(),
    };
    if (effect.kind === 'stop') await stopLane(database, report, effect);
    else await holdLane(database, report, effect);
  }

  async #noteReached(opened: OpenTransport): Promise<void> {
    opened.isProved = true;
    this.#unreachable = 0;
    if (this.#rampLimit < connectionFacts(opened.document).maxConnections) this.#rampLimit += 1;
    if (!this.#needsClearing) return;
    this.#needsClearing = false;
    await clearWait(this.#host.database, this.lease);
  }

  // A server that takes some connections and refuses one more is at its limit, not out of reach.
  #isOnlyCrowded(): boolean {
    this.#unreachable += 1;
    if (this.inFlight <= 1 || this.#unreachable >= unreachableInRow) return false;
    this.#rampLimit = Math.max(1, this.inFlight - 1);
    return true;
  }

  async #claim(): Promise<void> {
    this.#isClaiming = true;
    try {
      const supply = await this.#supply.next(Math.min(200, Math.max(20, 20 * this.#rampLimit)));
      await this.#take(supply);
    } catch (error) {
      this.#host.log.error({ err: error, laneId: this.lease.laneId }, 'claim failed');
      this.#end ??= 'failed';
    } finally {
      this.#isClaiming = false;
      this.pump();
    }
  }

  async #take(supply: Supply): Promise<void> {
    switch (supply.kind) {
      case 'empty':
        return;
      case 'mails':
        this.#limitRamp(supply.opened);
        this.#ready.push(...supply.ready);
        for (const { mail, work } of supply.aside) this.#aside(mail, work);
        return;
      case 'not_opened':
        return this.#stopUnopened(supply);
      default:
        supply satisfies never;
    }
  }

  /** A server that has answered before gets all its connections at once. */
  #limitRamp({ document, isProved }: OpenTransport): void {
    const { maxConnections } = connectionFacts(document);
    this.#rampLimit = isProved && this.#isFresh ? maxConnections : Math.min(this.#rampLimit, maxConnections);
    this.#isFresh = false;
  }

  async #stopUnopened({
    projectId,
    settingsVersion,
  }: Extract<Supply, { kind: 'not_opened' }>): Promise<void> {
    this.#end ??= 'held';
    const { organizationId } = this.#facts;
    const fault = {
      stage: 'authenticate',
      scope: 'sender',
      code: 'SETTINGS_NOT_OPENED',
      reply: null,
    } as const;
    await stopLane(
      this.#host.database,
      { lease: this.lease, organizationId, projectId, settingsVersion, hasAlternate: false, random: 0 },
      { kind: 'stop', fault },
    );
  }

  /** Work on a mail that needs no place and no connection. */
  #aside(mail: ClaimedMail, work: Promise<void>): void {
    this.#pendingWork += 1;
    void work
      .catch((error: unknown) =>
        this.#host.log.error({ err: error, messageId: mail.messageId }, 'settling failed'),
      )
      .finally(() => {
        this.#supply.letGo(mail);
        this.#pendingWork -= 1;
        this.pump();
      });
  }

  async #leave(): Promise<void> {
    this.#isLeaving = true;
    const unsent = this.#ready;
    this.#ready = [];
    try {
      await Promise.all(unsent.map((attempt) => attempt.giveBack()));
      for (const { mail } of unsent) this.#supply.letGo(mail);
      const isFree = await releaseLease(this.#host.database, this.lease, { evenIfWoken: this.#end !== null });
      if (!isFree) {
        this.#isLeaving = false;
        this.#supply.lookAgain();
        return this.pump();
      }
    } catch (error) {
      this.#host.log.warn(
        { err: error, laneId: this.lease.laneId },
        'lease not given back; it ends by itself',
      );
    }
    this.#host.slots.forget(this);
    this.#finish(this.#end ?? 'drained');
  }
}
