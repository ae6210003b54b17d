import { isNearlySetAside } from '#lib/policy/crash-rule.ts';
import type { LaneRamp } from './lane-ramp.ts';
import type { MailAttempt } from './mail-attempt.ts';
import type { StartAnswer } from './start-mark.ts';

/** The mails of a lane that are ready to leave, in their order. */
export class ReadyMails {
  #mails: MailAttempt[] = [];
  /** So many at the front were asked about already: those behind them are looked at first. */
  #asked = 0;
  #suspects = 0;

  get length(): number {
    return this.#mails.length;
  }

  get first(): MailAttempt | undefined {
    return this.#mails[0];
  }

  get all(): readonly MailAttempt[] {
    return this.#mails;
  }

  /** Whether some are to start alone among their like. */
  get hasSuspects(): boolean {
    return this.#suspects > 0;
  }

  get unsuspected(): readonly MailAttempt[] {
    return this.#mails.filter((attempt) => !isSuspect(attempt));
  }

  add(mails: readonly MailAttempt[]): void {
    this.#mails.push(...mails);
    this.#suspects += mails.filter(isSuspect).length;
  }

  /** False when it was not among them any more. */
  remove(attempt: MailAttempt): boolean {
    const place = this.#mails.indexOf(attempt);
    if (place === -1) return false;
    this.#mails.splice(place, 1);
    if (place < this.#asked) this.#asked -= 1;
    if (isSuspect(attempt)) this.#suspects -= 1;
    return true;
  }

  /** Removes those that it answers with. */
  removeWhere(isRemoved: (attempt: MailAttempt) => boolean): readonly MailAttempt[] {
    const removed: MailAttempt[] = [];
    const kept: MailAttempt[] = [];
    for (const attempt of this.#mails) (isRemoved(attempt) ? removed : kept).push(attempt);
    this.#mails = kept;
    this.#asked = 0;
    this.#suspects = kept.filter(isSuspect).length;
    return removed;
  }

  /** Asks for the marks of the next mails together, so that their commits are few. */
  markAhead(ramp: LaneRamp, onRefused: (attempt: MailAttempt, answer: StartAnswer) => void): void {
    while (this.#mails[this.#asked]?.isMarked === true) this.#asked += 1;
    const marked = this.#asked;
    if (this.first === undefined || marked === this.#mails.length) return;
    const wanted = ramp.marksAhead(this.first.opened, marked);
    for (const attempt of this.#mails.slice(marked, wanted)) {
      // Waiting for its turn it must not be part of one more crash.
      if (isSuspect(attempt)) continue;
      // A commit that was not answered is asked about again when the mail's turn comes.
      void attempt.start().then(
        (answer) => answer === 'started' || onRefused(attempt, answer),
        () => undefined,
      );
    }
  }
}

/** A mail that one more crash sets aside. */
export function isSuspect({ mail }: MailAttempt): boolean {
  return isNearlySetAside(mail.crashCount);
}
