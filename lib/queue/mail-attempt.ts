import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '#lib/ids.ts';
import {
  decideOutcome,
  lookLater,
  type MessageEnd,
  type OutcomeDecision,
  type OutcomeFacts,
} from '#lib/policy/decide-outcome.ts';
import { spentReason } from '#lib/policy/crash-rule.ts';
import { lastLookCount, mustLookFirst, mustLookLast } from '#lib/policy/look-first.ts';
import { addMagicResults, decideMagic, slowMs } from '#lib/policy/magic-outcome.ts';
import type { Envelope, SendOutcome, TranscriptLine } from '#lib/transports/contract.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import type { DrainHost } from './drain-host.ts';
import { isValid, type Lease } from './lease.ts';
import { type DraftTry, knownDraft, rememberDraft } from './mail-draft.ts';
import type { PreparedMail } from './prepare-mail.ts';
import type { StartAnswer } from './start-mark.ts';
import { foundOutcome, outcomeFacts, settleOutcome } from './settle-outcome.ts';
import type { OpenTransport } from './transport-cache.ts';

export interface HandedMail {
  readonly decision: OutcomeDecision;
  /** What the mark was answered: null where none was asked for. */
  readonly settled: Promise<StartAnswer | null>;
}

/** One mail on its way through a transport, from its `started` mark to its settled outcome. */
export class MailAttempt {
  readonly prepared: PreparedMail;
  readonly opened: OpenTransport;
  readonly #host: DrainHost;
  readonly #lease: Lease;
  readonly #attemptId = newId();
  /** Made when the mail is handed to its transport. */
  #cut: AbortController | null = null;
  #isCut = false;
  #mark: Promise<StartAnswer> | null = null;
  /** The last bytes were let go: from then on it may have arrived. */
  #mayHaveLeft = false;
  #dialogue: readonly TranscriptLine[] | null = null;

  constructor(host: DrainHost, lease: Lease, prepared: PreparedMail, opened: OpenTransport) {
    this.#host = host;
    this.#lease = lease;
    this.prepared = prepared;
    this.opened = opened;
  }

  get mail(): ClaimedMail {
    return this.prepared.mail;
  }

  get isMarked(): boolean {
    return this.#mark !== null;
  }

  get laneId(): string {
    return this.#lease.laneId;
  }

  /** It may have arrived already, and the server can tell. */
  get mustLookFirst(): boolean {
    const { uncertainCount } = this.mail;
    const { acceptedCount, canLook, leaves } = this.#lookFacts();
    const choice = this.opened.document.sending.uncertain;
    const isProvedByDraft = this.#hasDraft();
    return mustLookFirst({ uncertainCount, acceptedCount, leaves, canLook, choice, isProvedByDraft });
  }

  /** It is not sent again: all that it waits for is one last look, where that can be had. */
  get isSpent(): boolean {
    return this.mail.uncertainCount >= lastLookCount;
  }

  get mustLookLast(): boolean {
    return mustLookLast(this.#lookFacts());
  }

  #lookFacts(): { acceptedCount: number; canLook: boolean; leaves: boolean } {
    return {
      acceptedCount: this.mail.acceptedCount,
      canLook: this.opened.transport.findSent !== undefined,
      leaves: this.prepared.outgoing !== null,
    };
  }

  /** Whether the far side has a copy; null where that could not be looked up. */
  async findSent(signal: AbortSignal): Promise<boolean | null> {
    return (await this.opened.transport.findSent?.(this.mail.internetMessageId, signal)) ?? null;
  }

  /** Asks for the `started` mark, once; marks asked for in the same moment share a commit. */
  start(): Promise<StartAnswer> {
    this.#mark ??= this.#host.starts.start({
      messageId: this.mail.messageId,
      projectId: this.mail.projectId,
      attemptId: this.#attemptId,
      settingsVersion: this.opened.version,
      lease: this.#lease,
      isHigh: this.mail.priority === 0,
      isCounted: this.mail.isCounted,
      isExempt: this.prepared.outgoing === null,
      overrides: this.mail.overrides,
      recipientCount: this.mail.recipientCount,
    });
    return this.#mark;
  }

  /** Hands the mail over. `settled` resolves later, when everything about it is committed. */
  async run(): Promise<HandedMail> {
    const startedAt = this.#host.clock.now();
    return this.#decide(await this.#hand(), startedAt);
  }

  /** Ends a send under way where surely nothing was handed over; false where its answer is to be awaited. */
  cutUnlessLeft(): boolean {
    if (!this.#mayHaveLeft) this.cut();
    return !this.#mayHaveLeft;
  }

  /** Ends a send under way, wherever it stands. */
  cut(): void {
    this.#isCut = true;
    this.#cut?.abort();
  }

  /** Gives a marked mail back unsent: nothing of it has left. */
  async giveBack(): Promise<void> {
    if (this.#mark === null) return;
    await this.#decide({ kind: 'withheld' }, this.#host.clock.now()).settled;
  }

  /** Keeps the whole mail here, as the sending mode wants: no attempt, no server, no place in the queue. */
  async capture(): Promise<void> {
    const at = this.#host.clock.now();
    const decision: OutcomeDecision = {
      message: { kind: 'finished', state: this.mail.acceptedCount > 0 ? 'sent' : 'captured' },
      reason: null,
      costsTry: false,
      waitedMs: this.mail.waitedMs,
      uncertainCount: this.mail.uncertainCount,
      recipients: this.prepared.departure.captured.map((position) => ({
        position,
        state: 'captured',
        code: null,
        reply: null,
      })),
      lane: { kind: 'none' },
    };
    await this.#settle({ kind: 'withheld' }, decision, { isMarked: false, startedAt: at });
  }

  /** Leaves the mail in the queue for so long, unmarked: nothing of it has left and nothing was decided. */
  async putOff(waitMs: number): Promise<void> {
    const reason = this.isSpent ? 'LOOKED_FOR_LAST' : 'LOOKED_FOR_FIRST';
    await this.#settleUnstarted({ kind: 'again', state: 'retrying', waitMs }, reason);
  }

  /** The last look has found nothing, or cannot be had: a person decides. */
  async settleSpent(): Promise<void> {
    const reason = spentReason(this.mail.crashCount);
    await this.#settleUnstarted({ kind: 'finished', state: 'uncertain' }, reason);
  }

  async #settleUnstarted(message: MessageEnd, reason: string): Promise<void> {
    const { waitedMs, uncertainCount } = this.mail;
    const lane = { kind: 'none' } as const;
    const decision = { message, reason, costsTry: false, waitedMs, uncertainCount, recipients: [], lane };
    const startedAt = this.#host.clock.now();
    await this.#settle({ kind: 'withheld' }, decision, { isMarked: false, startedAt });
  }

  /** A copy of an earlier try was found at the far side: the mail is sent, and nothing leaves now. */
  async settleFound(): Promise<void> {
    await this.#settleAsFound({ isMarked: false, startedAt: this.#host.clock.now() });
  }

  async #settleAsFound({ isMarked, startedAt }: { isMarked: boolean; startedAt: Date }): Promise<void> {
    const outcome = foundOutcome(this.prepared.departure);
    const decided = decideOutcome(outcome, this.#facts(), this.#host.random());
    await this.#settle(
      outcome,
      { ...decided, costsTry: isMarked, lane: { kind: 'none' } },
      { isMarked, startedAt },
    );
  }

  async #hand(): Promise<SendOutcome> {
    const { departure, outgoing } = this.prepared;
    if (outgoing === null) {
      // A commit that was not answered counts as refused: what it may have marked is taken back.
      if ((await this.start().catch(() => 'refused' as const)) !== 'started') return { kind: 'withheld' };
      if (departure.magic.some(({ outcome }) => outcome === 'slow')) {
        await pause(slowMs, undefined, { signal: this.#host.abort }).catch(() => undefined);
      }
      return decideMagic(departure.magic);
    }
    return addMagicResults(await this.#sendFor(outgoing), departure.magic);
  }

  async #sendFor(outgoing: NonNullable<PreparedMail['outgoing']>): Promise<SendOutcome> {
    const cut = new AbortController();
    this.#cut = cut;
    if (this.#isCut) cut.abort();
    const mail = {
      ...outgoing,
      mayStart: () => this.start().then(isStarted),
      mayFinish: () => {
        if (this.#isCut || !isValid(this.#lease, this.#host.clock)) return false;
        this.#mayHaveLeft = true;
        return true;
      },
      ...(this.opened.document.connection.kind === 'graph'
        ? { draft: rememberDraft(this.#host.database, this.#draftTry(outgoing.envelope)) }
        : {}),
      ...(this.#isDebugged()
        ? { keepDialogue: (lines: readonly TranscriptLine[]) => (this.#dialogue = lines) }
        : {}),
    };
    try {
      return await this.opened.transport.send(mail, cut.signal);
    } catch (error) {
      // A transport never throws; should one do, nobody knows how far it came, and the mail must not hang on its mark.
      this.#host.log.error({ err: error, messageId: this.mail.messageId }, 'transport failed');
      const fault = { stage: 'answer', scope: 'mail', code: 'TRANSPORT_FAILED', reply: null } as const;
      return this.isMarked ? { kind: 'uncertain', fault } : { kind: 'withheld' };
    }
  }

  #hasDraft(): boolean {
    const envelope = this.prepared.outgoing?.envelope;
    if (this.mail.draft === null || envelope === undefined) return false;
    return this.opened.document.connection.kind === 'graph' && knownDraft(this.#draftTry(envelope)) !== null;
  }

  #draftTry(envelope: Envelope): DraftTry {
    const { messageId, draft } = this.mail;
    const settingsVersion = this.opened.version;
    return { messageId, attemptId: this.#attemptId, settingsVersion, envelope, stored: draft };
  }

  /** Email debug ends by its own time, whether or not anyone has switched it off (PRODUCT 2.11). */
  #isDebugged(): boolean {
    const { until } = this.opened.document.debug;
    return until !== null && new Date(until) > this.#host.clock.now();
  }

  #decide(outcome: SendOutcome, startedAt: Date): HandedMail {
    const decision = decideOutcome(outcome, this.#facts(), this.#host.random());
    return { decision, settled: this.#settleAfterMark(outcome, decision, startedAt) };
  }

  async #settleAfterMark(
    outcome: SendOutcome,
    decision: OutcomeDecision,
    startedAt: Date,
  ): Promise<StartAnswer | null> {
    // A mark whose commit was not answered may stand all the same: it is taken back by its attempt id.
    const start = this.#mark === null ? null : await this.#mark.catch(() => 'started' as const);
    if (start !== 'started' && outcome.kind === 'withheld') return start;
    const isMarked = start === 'started';
    // A found copy ends the mail as sent, under the attempt that was in doubt.
    const isLost = decision.message.state === 'uncertain' && decision.reason !== 'HELD_BY_CHOICE';
    const isFound = isLost && this.mustLookLast ? await this.#host.looks.confirm(this) : false;
    if (isFound === true) await this.#settleAsFound({ isMarked, startedAt });
    else
      await this.#settle(outcome, isFound === null ? lookLater(decision) : decision, { isMarked, startedAt });
    return start;
  }

  #facts(): OutcomeFacts {
    return outcomeFacts(this.prepared, this.opened.document);
  }

  async #settle(
    outcome: SendOutcome,
    decision: OutcomeDecision,
    { isMarked, startedAt }: { isMarked: boolean; startedAt: Date },
  ): Promise<void> {
    await settleOutcome(this.#host, {
      mail: this.mail,
      opened: this.opened,
      attemptId: this.#attemptId,
      workerId: this.#lease.workerId,
      isMarked,
      startedAt,
      outcome,
      decision,
      transcript: this.#dialogue,
    });
  }
}

function isStarted(answer: StartAnswer): boolean {
  return answer === 'started';
}
