import { setTimeout as pause } from 'node:timers/promises';
import { asWorker } from '#db/client.ts';
import { decideLooked } from '#lib/policy/look-first.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import type { DrainHost } from './drain-host.ts';
import type { MailAttempt } from './mail-attempt.ts';
import { wakeLane } from './wake-lane.ts';

/** A look may take its turn at the mailbox so often at once, as many as sends have in flight beside it. */
const atOnce = 4;
const maxLine = 64;
/** A mail that is looked for is due again after this, should the worker die meanwhile; a later look is not begun. */
const lookWaitMs = 120_000;
const fullWaitMs = 30_000;
/** So long an answer is good for: the mail is due at once and only has to be claimed. */
const answerMs = 10 * 60_000;
const longestRetryMs = 2_000;

/** A mail in doubt, and who can be asked about it. */
export interface Doubt {
  readonly mail: Pick<ClaimedMail, 'messageId' | 'projectId' | 'organizationId' | 'internetMessageId'>;
  /** Whether the far side has a copy; null where that could not be looked up. */
  findSent(signal: AbortSignal): Promise<boolean | null>;
}

interface Look {
  readonly attempt: MailAttempt;
  readonly sinceMs: number;
  /** Resolves when the mail is put off. */
  readonly isPutOff: Promise<void>;
}

interface Line {
  readonly waiting: Look[];
  running: number;
}

interface Finding {
  readonly found: boolean | null;
  readonly isShared: boolean;
}

type LookHost = Pick<DrainHost, 'database' | 'clock' | 'log' | 'abort'>;

/**
 * Looks for mails whose last outcome is in doubt (PRODUCT 4.8), beside the lanes: a copy appears late, so a look takes
 * up to a minute, and meanwhile the mail lies in the queue and its lane sends others.
 */
export class LookDesk {
  readonly #host: LookHost;
  readonly #lines = new Map<string, Line>();
  readonly #underWay = new Map<string, Look>();
  readonly #answered = new Map<string, number>();
  readonly #work = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  /** Ends every look: the worker's time to finish is over, or nothing is under way any more. */
  readonly #signal: AbortSignal;

  constructor(host: LookHost) {
    this.#host = host;
    this.#signal = AbortSignal.any([this.#closing.signal, host.abort]);
  }

  /** The work of putting the mail off until it was looked for, or of ending it; null where it may be sent now. */
  defer(attempt: MailAttempt): Promise<void> | null {
    if (attempt.isSpent && !attempt.mustLookLast) return attempt.settleSpent();
    if (!attempt.isSpent && !attempt.mustLookFirst) return null;
    const key = keyOf(attempt);
    const nowMs = this.#host.clock.monotonicMs();
    if ((this.#answered.get(key) ?? -Infinity) > nowMs) return null;
    const line = this.#lineOf(attempt.mail.projectId);
    const known = this.#underWay.get(key);
    // Claimed by a statement that began before the mail was put off.
    if (known?.attempt.mail.dueKey === attempt.mail.dueKey) return known.isPutOff;
    if (known !== undefined) return this.#putOffAgain(attempt);
    if (line.waiting.length >= maxLine) return attempt.putOff(fullWaitMs);
    return this.#putInLine(attempt, line);
  }

  /**
   * The last look at a mail that would be left uncertain (PRODUCT 4.8), before it is settled: true where a copy was
   * found, null where the look was broken off and is to be made again.
   */
  async confirm(doubt: Doubt): Promise<boolean | null> {
    const finding = await this.#find(doubt, this.#host.clock.monotonicMs() + lookWaitMs);
    const { messageId, projectId } = doubt.mail;
    this.#host.log.info({ messageId, projectId, ...finding }, 'looked once more for a mail in doubt');
    return finding === null ? null : decideLooked(finding.found, finding.isShared).kind === 'sent';
  }

  /** Ends looks that are under way: what was not answered is due at once, and looked for again by whoever claims it. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const line of this.#lines.values()) line.waiting.length = 0;
    const open = [...this.#underWay.values()];
    await Promise.all(this.#work);
    const unanswered = open.filter(({ attempt }) => !this.#answered.has(keyOf(attempt)));
    try {
      await this.#makeDue(unanswered.map(({ attempt }) => attempt));
    } catch (error) {
      this.#host.log.warn(
        { err: error, mails: unanswered.length },
        'mails in doubt wait for their next look',
      );
    }
  }

  async #putInLine(attempt: MailAttempt, line: Line): Promise<void> {
    const isPutOff = attempt.putOff(lookWaitMs);
    const look = { attempt, sinceMs: this.#host.clock.monotonicMs(), isPutOff };
    this.#underWay.set(keyOf(attempt), look);
    try {
      await isPutOff;
    } catch (error) {
      this.#underWay.delete(keyOf(attempt));
      throw error;
    }
    line.waiting.push(look);
    this.#next(line);
  }

  /** It was made due while it is looked for: its answer may come before this wait is written. */
  async #putOffAgain(attempt: MailAttempt): Promise<void> {
    await attempt.putOff(fullWaitMs);
    if (this.#answered.has(keyOf(attempt))) await this.#makeDue([attempt]);
  }

  #next(line: Line): void {
    while (line.running < atOnce && !this.#signal.aborted) {
      const first = line.waiting.shift();
      if (first === undefined) return;
      line.running += 1;
      const work = this.#look(first).finally(() => {
        this.#work.delete(work);
        // What was broken off is made due with the rest when the desk closes.
        if (!this.#signal.aborted) this.#underWay.delete(keyOf(first.attempt));
        line.running -= 1;
        this.#next(line);
      });
      this.#work.add(work);
    }
  }

  async #look({ attempt, sinceMs }: Look): Promise<void> {
    const endMs = sinceMs + lookWaitMs;
    if (this.#host.clock.monotonicMs() >= endMs) return;
    const { messageId, projectId } = attempt.mail;
    const finding = await this.#find(attempt, endMs);
    if (finding === null) return;
    this.#host.log.info({ messageId, projectId, ...finding }, 'looked for a mail in doubt');
    try {
      if (decideLooked(finding.found, finding.isShared).kind === 'sent') await attempt.settleFound();
      else if (attempt.isSpent) await attempt.settleSpent();
      else await this.#letGo(attempt, endMs);
    } catch (error) {
      this.#host.log.error({ err: error, messageId }, 'what a look found waits for the next one');
    }
  }

  /** Null where it was broken off: the next look asks again. */
  async #find(doubt: Doubt, endMs: number): Promise<Finding | null> {
    const isShared = await this.#untilDone(endMs, () => this.#sharesItsId(doubt));
    if (isShared === null) return null;
    if (isShared) return { found: null, isShared };
    try {
      const found = await doubt.findSent(this.#signal);
      return found === null && this.#signal.aborted ? null : { found, isShared };
    } catch (error) {
      const { messageId } = doubt.mail;
      this.#host.log.error({ err: error, messageId }, 'a mail could not be looked for');
      return this.#signal.aborted ? null : { found: null, isShared };
    }
  }

  async #sharesItsId({ mail }: Doubt): Promise<boolean> {
    const { rowCount } = await asWorker(this.#host.database, (tx) =>
      tx.queryLast(
        `select from mailroom.message_search
         where internet_message_id = $1 and organization_id = $2 and message_id <> $3 limit 1`,
        [mail.internetMessageId, mail.organizationId, mail.messageId],
      ),
    );
    return rowCount === 1;
  }

  /** Due at once: the next claim finds the answer here, and another worker looks by itself. */
  async #letGo(attempt: MailAttempt, endMs: number): Promise<void> {
    const nowMs = this.#host.clock.monotonicMs();
    for (const [key, untilMs] of this.#answered) if (untilMs <= nowMs) this.#answered.delete(key);
    this.#answered.set(keyOf(attempt), nowMs + answerMs);
    await this.#untilDone(endMs, () => this.#makeDue([attempt]));
  }

  async #makeDue(attempts: readonly MailAttempt[]): Promise<void> {
    if (attempts.length === 0) return;
    await asWorker(this.#host.database, (tx) =>
      tx.queryLast(
        `with due as (
           update mailroom.queue_entries set due_at = mailroom.now()
           where message_id = any ($1::uuid[]) and attempt_id is null and due_at > mailroom.now() returning message_id
         )
         update mailroom.messages m set next_attempt_at = mailroom.now() from due where m.id = due.message_id`,
        [attempts.map(({ mail }) => mail.messageId)],
      ),
    );
    for (const { laneId } of attempts) wakeLane(this.#host.database, laneId);
  }

  /** Asks the database until it answers: a mail is not to wait for the end of its put-off. Null after `endMs`. */
  async #untilDone<T>(endMs: number, ask: () => Promise<T>): Promise<T | null> {
    for (let waitMs = 100; ; waitMs = Math.min(2 * waitMs, longestRetryMs)) {
      try {
        return await ask();
      } catch (error) {
        this.#host.log.warn({ err: error }, 'a look waits for the database');
      }
      if (this.#signal.aborted || this.#host.clock.monotonicMs() + waitMs > endMs) return null;
      await pause(waitMs, undefined, { signal: this.#signal }).catch(() => undefined);
    }
  }

  #lineOf(projectId: string): Line {
    const line = this.#lines.get(projectId) ?? { waiting: [], running: 0 };
    this.#lines.set(projectId, line);
    return line;
  }
}

/** A new doubt about the same mail is looked up anew. */
function keyOf({ mail }: MailAttempt): string {
  return `${mail.messageId} ${mail.uncertainCount}`;
}
