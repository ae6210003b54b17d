import { asWorker } from '#db/client.ts';
import { decideLooked } from '#lib/policy/look-first.ts';
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

interface Line {
  readonly waiting: { readonly attempt: MailAttempt; readonly sinceMs: number }[];
  running: number;
}

type LookHost = Pick<DrainHost, 'database' | 'clock' | 'log'>;

/**
 * Looks for mails whose last outcome is in doubt (PRODUCT 4.8), beside the lanes: a copy appears late, so a look takes
 * up to a minute, and meanwhile the mail lies in the queue and its lane sends others.
 */
export class LookDesk {
  readonly #host: LookHost;
  readonly #lines = new Map<string, Line>();
  readonly #underWay = new Set<string>();
  readonly #answered = new Map<string, number>();
  readonly #work = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(host: LookHost) {
    this.#host = host;
  }

  /** The work of putting the mail off until it was looked for; null where it may be sent now. */
  defer(attempt: MailAttempt): Promise<void> | null {
    if (!attempt.mustLookFirst) return null;
    const key = keyOf(attempt);
    const nowMs = this.#host.clock.monotonicMs();
    if ((this.#answered.get(key) ?? -Infinity) > nowMs) return null;
    const line = this.#lineOf(attempt.mail.projectId);
    if (this.#underWay.has(key) || line.waiting.length >= maxLine) return attempt.putOff(fullWaitMs);
    this.#underWay.add(key);
    return this.#putInLine(attempt, line);
  }

  /**
   * The last look at a mail that would be left uncertain (PRODUCT 4.8), before it is settled: true where a copy was
   * found, and only then.
   */
  async confirm(attempt: MailAttempt): Promise<boolean> {
    const look = this.#find(attempt);
    const work = look.then(() => undefined);
    this.#work.add(work);
    try {
      const { found, isShared } = await look;
      const { messageId, projectId } = attempt.mail;
      this.#host.log.info({ messageId, projectId, found, isShared }, 'looked once more for a mail in doubt');
      return decideLooked(found, isShared).kind === 'sent';
    } finally {
      this.#work.delete(work);
    }
  }

  /** Ends looks that are under way: what was not answered is looked for again by whoever claims it. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const line of this.#lines.values()) line.waiting.length = 0;
    await Promise.all(this.#work);
  }

  async #putInLine(attempt: MailAttempt, line: Line): Promise<void> {
    const sinceMs = this.#host.clock.monotonicMs();
    try {
      await attempt.putOff(lookWaitMs);
    } catch (error) {
      this.#underWay.delete(keyOf(attempt));
      throw error;
    }
    line.waiting.push({ attempt, sinceMs });
    this.#next(line);
  }

  #next(line: Line): void {
    while (line.running < atOnce && !this.#closing.signal.aborted) {
      const first = line.waiting.shift();
      if (first === undefined) return;
      line.running += 1;
      const work = this.#look(first).finally(() => {
        this.#work.delete(work);
        this.#underWay.delete(keyOf(first.attempt));
        line.running -= 1;
        this.#next(line);
      });
      this.#work.add(work);
    }
  }

  async #look({ attempt, sinceMs }: Line['waiting'][number]): Promise<void> {
    if (this.#host.clock.monotonicMs() - sinceMs >= lookWaitMs) return;
    const { messageId, projectId } = attempt.mail;
    const { found, isShared } = await this.#find(attempt);
    if (this.#closing.signal.aborted) return;
    this.#host.log.info({ messageId, projectId, found, isShared }, 'looked for a mail in doubt');
    try {
      if (decideLooked(found, isShared).kind === 'sent') await attempt.settleFound();
      else await this.#letGo(attempt);
    } catch (error) {
      this.#host.log.error({ err: error, messageId }, 'what a look found waits for the next one');
    }
  }

  async #find(attempt: MailAttempt): Promise<{ found: boolean | null; isShared: boolean }> {
    try {
      if (await this.#sharesItsId(attempt)) return { found: null, isShared: true };
      return { found: await attempt.findSent(this.#closing.signal), isShared: false };
    } catch (error) {
      this.#host.log.error(
        { err: error, messageId: attempt.mail.messageId },
        'a mail could not be looked for',
      );
      return { found: null, isShared: false };
    }
  }

  async #sharesItsId({ mail }: MailAttempt): Promise<boolean> {
    const { rowCount } = await asWorker(this.#host.database, (tx) =>
      tx.queryPrepared(
        `select from mailroom.message_search
         where internet_message_id = $1 and organization_id = $2 and message_id <> $3 limit 1`,
        [mail.internetMessageId, mail.organizationId, mail.messageId],
      ),
    );
    return rowCount === 1;
  }

  /** Due at once: the next claim finds the answer here, and another worker looks by itself. */
  async #letGo(attempt: MailAttempt): Promise<void> {
    const nowMs = this.#host.clock.monotonicMs();
    for (const [key, untilMs] of this.#answered) if (untilMs <= nowMs) this.#answered.delete(key);
    this.#answered.set(keyOf(attempt), nowMs + answerMs);
    const { messageId } = attempt.mail;
    await asWorker(this.#host.database, (tx) =>
      tx.queryPrepared(
        `with due as (
           update mailroom.queue_entries set due_at = mailroom.now()
           where message_id = $1 and attempt_id is null and due_at > mailroom.now() returning message_id
         )
         update mailroom.messages m set next_attempt_at = mailroom.now() from due where m.id = due.message_id`,
        [messageId],
      ),
    );
    wakeLane(this.#host.database, attempt.laneId);
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
