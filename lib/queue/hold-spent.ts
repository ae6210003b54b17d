import type { Database } from '#db/client.ts';
import { overrideBits } from '#lib/policy/hold-reasons.ts';
import { holdForQuota } from '#lib/pools/hold-for-quota.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import type { MailAttempt } from './mail-attempt.ts';
import type { ReadyMails } from './ready-mails.ts';

export interface SpentMail {
  readonly attempt: MailAttempt;
  readonly left: number;
  /** Sends that have their permits already. */
  readonly underWay: readonly MailAttempt[];
}

/**
 * Takes a mail that the quota of its pool has no room for out of those that are ready, and where nothing is `left` of
 * the quota all others of its project that have not begun. `held` resolves when the database has them in the backlog.
 */
export function holdSpent(
  database: Database,
  ready: ReadyMails,
  { attempt: { mail, opened }, left, underWay }: SpentMail,
): { readonly mails: readonly ClaimedMail[]; readonly held: Promise<void> } {
  const { kind } = opened.document.sending.mode;
  const allDue = left <= 0 && (kind === 'live' || kind === 'redirect');
  const isSpent = (other: MailAttempt): boolean =>
    other.mail === mail || (allDue && other.mail.projectId === mail.projectId && !other.isMarked);
  const mails = ready.removeWhere(isSpent).map((attempt) => attempt.mail);
  // Mailroom's own notices are not held: they are claimed again, and asked for anew.
  const ids = mails
    .filter(({ overrides }) => (overrides & overrideBits.quota) === 0)
    .map(({ messageId }) => messageId);
  const held = holdForQuota(database, {
    projectId: mail.projectId,
    ids,
    allDue,
    underWay: underWay.map((other) => other.mail.messageId),
  });
  return { mails, held: held.then(() => undefined) };
}
