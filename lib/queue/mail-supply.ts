import { DomainError } from '#lib/errors.ts';
import { decideHold } from '#lib/policy/decide-hold.ts';
import type { DrainHost } from './drain-host.ts';
import { claimMails, type Claim, type LaneProject } from './claim.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import { holdDue, holdMail, holdOneDue } from './hold-due.ts';
import type { LanePlaces } from './lane-places.ts';
import type { Lease } from './lease.ts';
import { MailAttempt } from './mail-attempt.ts';
import { prepareMail, type PreparedMail } from './prepare-mail.ts';
import { settleBroken } from './settle-broken.ts';
import { settleRefusedSender } from './settle-refused-sender.ts';
import { PutOffHolds } from './put-off-holds.ts';
import type { OpenTransport } from './transport-cache.ts';

export interface AsideMail {
  readonly mail: ClaimedMail;
  readonly work: Promise<void>;
}

/** A batch of the lane's mails, made ready by the settings of this moment. */
export type Supply =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'mails';
      readonly opened: OpenTransport;
      readonly ready: readonly MailAttempt[];
      /** Mails that need no connection: captured or held ones, and those that cannot be made ready. */
      readonly aside: readonly AsideMail[];
    }
  /** The settings cannot be opened: nothing of this project can be sent. */
  | { readonly kind: 'not_opened'; readonly projectId: string; readonly settingsVersion: number };

const claimBytes = 4 * 1024 * 1024;

/**
 * Where a drain gets its mails from: claims batches by cursor, project by project in turn, and knows when nothing is
 * due any more.
 */
export class MailSupply {
  /** Nothing is due any more. */
  isExhausted = false;
  readonly #host: DrainHost;
  readonly #lease: Lease;
  readonly #organizationId: string;
  readonly #places: LanePlaces;
  readonly #inHand = new Set<string>();
  /** Let go while a claim is under way, which may have read them as they were before. */
  readonly #letGo = new Set<string>();
  #isReading = false;
  readonly #pools = new Map<string, string>();
  /** What the limit of the day is spent for, while a chunk of it is moved into the backlog: not claimed meanwhile. */
  readonly #sweeps = new Map<string, Promise<void>>();
  readonly #putOffHolds: PutOffHolds;
  #turn = 0;

  constructor(host: DrainHost, lease: Lease, organizationId: string) {
    this.#host = host;
    this.#lease = lease;
    this.#organizationId = organizationId;
    this.#places = host.places.take(lease.laneId);
    this.#putOffHolds = new PutOffHolds(host.clock);
  }

  /** Whether a pool paces one of its projects. */
  get isPooled(): boolean {
    return this.#pools.size > 0;
  }

  /** The pool of a project, as of the last claim. */
  poolOf(projectId: string): string | null {
    return this.#pools.get(projectId) ?? null;
  }

  /** Mail came, maybe more urgent than what was read last. */
  lookAgain(): void {
    this.isExhausted = false;
    this.#places.wantLook();
  }

  /** Called whenever something has happened, and by a timer. */
  beginHolds(isEnding: boolean): void {
    this.#putOffHolds.note(isEnding);
  }

  /** Nothing is in hand any more: the next drain of this lane may go on where this one ended. */
  close(): void {
    this.#host.places.keep(this.#lease.laneId, this.#places);
  }

  /** Everything about this mail is written: the table alone says what becomes of it. */
  letGo(mail: ClaimedMail): void {
    if (this.#isReading) this.#letGo.add(mail.messageId);
    else this.#inHand.delete(mail.messageId);
  }

  async next(maxMails: number): Promise<Supply> {
    const claim = await this.#places.read(() => this.#claim(maxMails));
    const project = claim.projects.find(({ id }) => id === claim.projectId);
    if (claim.wakeSeq > this.#lease.wakeSeq) {
      this.#lease.wakeSeq = claim.wakeSeq;
      // It was read before the mails, so where there were none it tells of none.
      if (project !== undefined) this.#places.wantLook();
    }
    this.#turn += 1;
    this.#pools.clear();
    for (const { id, poolId } of claim.projects) if (poolId !== null) this.#pools.set(id, poolId);
    if (project === undefined) {
      this.isExhausted = this.#places.noteEmpty();
      return { kind: 'empty' };
    }
    this.#places.noteFound();
    return this.#makeReady(claim, project);
  }

  async #claim(maxMails: number): Promise<Claim> {
    this.#isReading = true;
    try {
      return await claimMails(this.#host.database, {
        laneId: this.#lease.laneId,
        maxMails,
        maxBytes: claimBytes,
        inHand: this.#inHand,
        cursorOf: (projectId) => this.#places.cursorOf(projectId),
        isSwept: (projectId, priority) => this.#sweeps.has(sweepName(projectId, priority === 0)),
        inTurn: (projects) => this.#inTurn(projects),
      });
    } finally {
      this.#isReading = false;
      for (const messageId of this.#letGo) this.#inHand.delete(messageId);
      this.#letGo.clear();
    }
  }

  async #makeReady(claim: Claim, { id: projectId, settingsVersion }: LaneProject): Promise<Supply> {
    const key = { organizationId: this.#organizationId, projectId, endpoint: claim.activeEndpoint };
    let opened: OpenTransport;
    try {
      opened = await this.#host.transports.get({ ...key, version: settingsVersion });
    } catch (error) {
      // Only a refusal is about the settings; a database that does not answer must not stop a lane for a person.
      if (!(error instanceof DomainError)) throw error;
      this.#host.log.error({ err: error, projectId, settingsVersion }, 'settings cannot be opened');
      return { kind: 'not_opened', projectId, settingsVersion };
    }
    const ready: MailAttempt[] = [];
    const aside: AsideMail[] = [];
    const limits = this.#limitsOf(claim, opened);
    for (const mail of claim.mails) {
      this.#inHand.add(mail.messageId);
      try {
        const prepared = prepareMail(this.#host.contents, mail, opened.document);
        if (prepared.refusedSender !== null) {
          const refused = { mail, version: opened.version, address: prepared.refusedSender };
          aside.push({ mail, work: settleRefusedSender(this.#host, this.#lease, refused) });
          continue;
        }
        const hold = prepared.outgoing === null ? null : limits.holdOf(prepared);
        const attempt = new MailAttempt(this.#host, this.#lease, prepared, opened);
        const look = hold === null ? this.#host.looks.defer(attempt) : null;
        if (hold !== null) aside.push({ mail, work: hold });
        else if (look !== null) aside.push({ mail, work: look });
        else if (prepared.outgoing !== null || prepared.departure.magic.length > 0) ready.push(attempt);
        else aside.push({ mail, work: attempt.capture() });
      } catch (error) {
        this.#host.log.error({ err: error, messageId: mail.messageId }, 'mail cannot be made ready');
        aside.push({ mail, work: settleBroken(this.#host, this.#lease, { mail, version: opened.version }) });
      }
    }
    return { kind: 'mails', opened, ready, aside };
  }

  /** How the limits treat the mails of a claim: a promise of its hold, or null where a mail may go on. */
  #limitsOf(
    { room, projectId }: Claim,
    { document }: OpenTransport,
  ): { holdOf(prepared: PreparedMail): Promise<void> | null } {
    if (room === null || projectId === null) return { holdOf: () => null };
    const { database } = this.#host;
    const { kind } = document.sending.mode;
    const mayHoldAll = kind === 'live' || kind === 'redirect';
    return {
      holdOf: ({ mail, departure }) => {
        const { messageId, priority } = mail;
        const isHigh = priority === 0;
        const reason = decideHold({ ...mail, isHigh }, room);
        if (reason === null) return null;
        if (reason !== 'day_limit') return holdMail(database, messageId, reason);
        // Those that a sweep may leave to their own turn.
        const isAlone = mail.keyMode !== null || mail.isReleased || departure.magic.length > 0;
        if (isAlone || !mayHoldAll) return holdOneDue(database, { messageId, projectId, isHigh });
        const name = sweepName(projectId, isHigh);
        const sweep = this.#sweeps.get(name) ?? this.#sweep(projectId, isHigh);
        this.#sweeps.set(name, sweep);
        return sweep;
      },
    };
  }

  /**
   * Holds a chunk of the mails of a priority that this claim and the next ones would find. Claims go on between chunks:
   * among the rest may be mails that a person let pass.
   */
  async #sweep(projectId: string, isHigh: boolean): Promise<void> {
    const name = sweepName(projectId, isHigh);
    try {
      await this.#putOffHolds.turn(name);
      const held = await holdDue(this.#host.database, { projectId, isHigh });
      this.#host.log.info({ projectId, held }, 'the limit of the day is spent');
      // Where nothing was held others have it in hand, or there is room again: the sweep of lanes finds it.
      if (held > 0) this.lookAgain();
    } finally {
      this.#sweeps.delete(name);
    }
  }

  #inTurn(projects: readonly LaneProject[]): readonly LaneProject[] {
    const first = projects.length === 0 ? 0 : this.#turn % projects.length;
    return [...projects.slice(first), ...projects.slice(0, first)];
  }
}

function sweepName(projectId: string, isHigh: boolean): string {
  return `${projectId} ${isHigh ? 'high' : 'normal'}`;
}
