import type { OutcomeDecision } from '#lib/policy/decide-outcome.ts';
import type { AskedMail } from '#lib/policy/pace.ts';
import type { Fault } from '#lib/transports/contract.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import type { DrainHost } from './drain-host.ts';
import { holdSpent } from './hold-spent.ts';
import { stopUnopened } from './lane-effects.ts';
import { isValid, releaseLease, type LaneFacts, type Lease } from './lease.ts';
import type { MailAttempt } from './mail-attempt.ts';
import { LaneRamp, shareOf } from './lane-ramp.ts';
import { LaneServer } from './lane-server.ts';
import { MailSupply, type Supply } from './mail-supply.ts';
import { PacedLine } from './paced-line.ts';
import { isSuspect, ReadyMails } from './ready-mails.ts';
import type { SlotUser } from './send-slots.ts';
import { SilenceWatch } from './silence-watch.ts';
import type { StartAnswer } from './start-mark.ts';
import { wakeLane } from './wake-lane.ts';

/**
 * Why a drain ended. `drained`: nothing is due; `sliced`: others wait for their turn; `held`: the lane stopped, waits
 * or changed its server; `failed`: the database did not answer; `shutdown`: the worker ends; `lost`: another worker may
 * drive the lane now.
 */
export type DrainEnd = 'drained' | 'sliced' | 'held' | 'failed' | 'shutdown' | 'lost';

/** A crash leaves no more outcomes of a lane in doubt: a server may take mail quicker than the database does. */
const mostUnsettled = 2000;

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
  readonly #line: PacedLine;
  readonly #ready = new ReadyMails();
  /** Every mail in hand waits for its pool. */
  #isPaced = false;
  #end: DrainEnd | null = null;
  #isClaiming = false;
  readonly #ramp: LaneRamp;
  readonly #watch: SilenceWatch;
  readonly #server: LaneServer;
  /** Among those who wait for the turn of suspects the first comes first, whatever else is under way. */
  readonly #suspectUser: SlotUser = { inFlight: 0, pump: () => this.pump() };
  readonly #onHandedOver: (drain: LaneDrain) => void;
  #pendingWork = 0;
  #isLeaving = false;
  #isPumpDue = false;
  /** What ended it is written: another drain may go on. */
  #mayHandOver = false;
  #isHandedOver = false;
  #finish: (end: DrainEnd) => void = () => undefined;

  /** `onHandedOver` is told once where the lane is given back while mails are still under way here. */
  constructor(
    host: DrainHost,
    lease: Lease,
    facts: LaneFacts,
    onHandedOver: (drain: LaneDrain) => void = () => undefined,
  ) {
    this.#host = host;
    this.lease = lease;
    this.#facts = facts;
    this.#onHandedOver = onHandedOver;
    this.#supply = new MailSupply(host, lease, facts.organizationId);
    this.#line = new PacedLine(host.gate, this.#supply, this, host.clock);
    this.#ramp = new LaneRamp(facts.failureCount > 0, shareOf(facts, host.clock));
    this.#server = new LaneServer(host, lease, this.#ramp);
    this.#watch = new SilenceWatch(host.clock, (attempt, fault) => void this.#goDark(attempt, fault));
  }

  /**
   * Whether it still takes new mail: a drain that only waits (for its last answers, a pool, the first word of a server)
   * takes no lane's turn.
   */
  get isLaunching(): boolean {
    if (this.#end !== null || this.#isPaced) return false;
    const { first } = this.#ready;
    if (first === undefined) return !this.#supply.isExhausted;
    return this.inFlight === 0 || !this.#ramp.isTrying(first.opened);
  }

  /**
   * Another worker may drive the lane already, while the mails under way here come to their end: their marks stand
   * for as long as this worker's beats are taken.
   */
  get isHandedOver(): boolean {
    return this.#isHandedOver;
  }

  async run(): Promise<DrainEnd> {
    const { abort } = this.#host;
    const cutAll = (): void => {
      for (const attempt of this.#watch.sends) attempt.cut();
    };
    abort.addEventListener('abort', cutAll);
    const end = await new Promise<DrainEnd>((resolve) => {
      this.#finish = resolve;
      this.pump();
    });
    abort.removeEventListener('abort', cutAll);
    return end;
  }

  /** Called by a timer. */
  tick(): void {
    this.#watch.look();
    this.pump();
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
      this.#ready.length < this.#line.most(this.#ramp.lowWater)
    ) {
      void this.#claim();
    }
    this.#supply.beginHolds(this.#end !== null);
    if (this.inFlight === 0 && !this.#isClaiming && this.#ready.length === 0) this.#host.settles.hurry();
    const mayHandOver = this.#end === 'shutdown' || (this.#mayHandOver && this.inFlight > 0);
    if (mayHandOver && !this.#isClaiming && !this.#isHandedOver) void this.#handOver();
    if (this.inFlight > 0 || this.#isClaiming || this.#pendingWork > 0) return;
    if (this.#end !== null || (this.#supply.isExhausted && this.#ready.length === 0)) void this.#leave();
  }

  /** Sends and outcomes end by the hundred in one turn: what comes next is decided once for all of them. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.pump();
    });
  }

  upcoming(poolId: string): readonly AskedMail[] {
    return this.#line.upcoming(this.#ready.all, poolId);
  }

  #launch(): void {
    this.#isPaced = false;
    for (;;) {
      const { first } = this.#ready;
      if (first === undefined || this.#pendingWork >= mostUnsettled) return;
      if (this.inFlight >= this.#ramp.ceiling(first.opened)) return;
      const slot = this.#host.slots.take(this);
      if (slot === null) return;
      const turn = this.#ready.hasSuspects ? this.#host.suspects.take(this.#suspectUser) : null;
      const isBarred = this.#ready.hasSuspects && turn === null;
      const next = this.#line.next(isBarred ? this.#ready.unsuspected : this.#ready.all);
      const isAlone = next.kind === 'go' && isSuspect(next.attempt);
      if (!isAlone) turn?.release();
      if (next.kind !== 'go') {
        slot.release();
        this.#isPaced = true;
        if (next.kind === 'spent') this.#holdSpent(next.attempt, next.left);
        return;
      }
      this.#ready.remove(next.attempt);
      this.inFlight += 1;
      void this.#send(next.attempt).finally(() => {
        this.inFlight -= 1;
        next.release();
        slot.release();
        if (isAlone) turn?.release();
        this.#pumpSoon();
      });
    }
  }

  /** The quota has no room for this mail; where nothing is left of it, all that is due of the project goes with it. */
  #holdSpent(attempt: MailAttempt, left: number): void {
    const { mails, held } = holdSpent(this.#host.database, this.#ready, {
      attempt,
      left,
      underWay: this.#watch.sends,
    });
    for (const mail of mails) this.#aside(mail, held);
  }

  /** A pool lets mails go at its own pace: their marks are not asked for before. */
  #markAhead(): void {
    if (this.#supply.isPooled) return;
    this.#ready.markAhead(this.#ramp, (attempt, answer) => {
      // Refused before its turn: the server need not hear of it.
      if (!this.#ready.remove(attempt)) return;
      this.#supply.letGo(attempt.mail);
      this.#afterMark(answer);
      this.pump();
    });
  }

  async #send(attempt: MailAttempt): Promise<void> {
    const { mail } = attempt;
    const startedMs = this.#host.clock.monotonicMs();
    this.#watch.begin(attempt);
    if (this.#host.abort.aborted) attempt.cut();
    try {
      const { decision, settled } = await attempt.run();
      this.#watch.end(attempt);
      this.#ramp.noteSendTime(this.#host.clock.monotonicMs() - startedMs);
      this.#aside(
        mail,
        settled.then((answer) => this.#afterMark(answer)),
      );
      await this.#follow(attempt, decision);
    } catch (error) {
      this.#watch.end(attempt);
      this.#host.log.error(
        { err: error, messageId: mail.messageId, laneId: this.lease.laneId },
        'send failed',
      );
      this.#end ??= 'held';
    }
  }

  #afterMark(answer: StartAnswer | null): void {
    if (answer !== 'stale_settings' && answer !== 'no_room') return;
    // The others were made ready by the same old settings, or meet the same limit: they would only be refused one by one.
    for (const { mail } of this.#ready.removeWhere(({ isMarked }) => !isMarked)) this.#supply.letGo(mail);
    this.lookAgain();
  }

  async #follow(attempt: MailAttempt, { lane: effect }: OutcomeDecision): Promise<void> {
    if (effect.kind === 'none') return;
    if (effect.kind === 'reached') return this.#server.noteReached(attempt);
    if (this.#end !== null || this.#server.isOnlyCrowded(effect, this.inFlight)) return;
    this.#end = 'held';
    await this.#server.note(attempt, effect);
    this.#mayHandOver = true;
  }

  /** Nobody is there: what surely was not handed over ends now, and the lane waits or changes its server. */
  async #goDark(attempt: MailAttempt, fault: Fault): Promise<void> {
    const { laneId } = this.lease;
    this.#host.log.warn({ laneId, code: fault.code }, 'the server has gone dark');
    this.#pendingWork += 1;
    try {
      const isOurs = this.#end === null;
      this.#end ??= 'held';
      if (isOurs) {
        await this.#server.note(attempt, { kind: 'wait', waitKind: 'unreachable', fault, askedMs: null });
      }
      this.#mayHandOver = true;
    } catch (error) {
      this.#host.log.error({ err: error, laneId }, 'the lane was not held');
    }
    for (const each of this.#watch.sends) each.cutUnlessLeft();
    this.#pendingWork -= 1;
    this.pump();
  }

  async #claim(): Promise<void> {
    this.#isClaiming = true;
    try {
      const supply = await this.#supply.next(this.#line.most(this.#ramp.claimSize));
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
        this.#ramp.noteOpened(supply.opened);
        this.#ready.add(supply.ready);
        for (const { mail, work } of supply.aside) this.#aside(mail, work);
        return;
      case 'not_opened':
        this.#end ??= 'held';
        return stopUnopened(this.#host, this.lease, { ...this.#facts, ...supply });
      default:
        supply satisfies never;
    }
  }

  /** Work on a mail that needs no place and no connection. */
  #aside(mail: ClaimedMail, work: Promise<void>): void {
    this.#pendingWork += 1;
    const end = (): void => {
      this.#supply.letGo(mail);
      this.#pendingWork -= 1;
      this.#pumpSoon();
    };
    work.then(end, (error: unknown) => {
      this.#host.log.error({ err: error, messageId: mail.messageId }, 'settling failed');
      end();
    });
  }

  /** Gives back what has not begun, and the lane with it, at once: somebody else goes on there. */
  async #handOver(): Promise<void> {
    this.#isHandedOver = true;
    this.#pendingWork += 1;
    if (await this.#giveLaneBack()) wakeLane(this.#host.database, this.lease.laneId);
    this.#onHandedOver(this);
    this.#pendingWork -= 1;
    this.pump();
  }

  async #leave(): Promise<void> {
    this.#isLeaving = true;
    if (!this.#isHandedOver && !(await this.#giveLaneBack())) {
      this.#isLeaving = false;
      this.#supply.lookAgain();
      return this.pump();
    }
    if (this.#end === null) this.#supply.close();
    this.#host.slots.forget(this);
    this.#host.suspects.forget(this.#suspectUser);
    this.#host.gate.leave(this);
    this.#finish(this.#end ?? 'drained');
  }

  /** False where the lane was woken meanwhile, and nothing else ends this drain: it stays ours. */
  async #giveLaneBack(): Promise<boolean> {
    const unsent = this.#ready.removeWhere(() => true);
    try {
      await Promise.all(unsent.map((attempt) => attempt.giveBack()));
      for (const { mail } of unsent) this.#supply.letGo(mail);
      return await releaseLease(this.#host.database, this.lease, { evenIfWoken: this.#end !== null });
    } catch (error) {
      const { laneId } = this.lease;
      this.#host.log.warn({ err: error, laneId }, 'lease not given back; it ends by itself');
      return true;
    }
  }
}
