import { createHash } from 'node:crypto';
import { asWorker, type Database } from '#db/client.ts';
import type { Envelope, MailDraft } from '#lib/transports/contract.ts';

/** One try of a mail, as far as its draft is concerned. */
export interface DraftTry {
  readonly messageId: string;
  readonly attemptId: string;
  readonly settingsVersion: number;
  readonly envelope: Envelope;
  /** What `messages.draft` holds. */
  readonly stored: string | null;
}

/** The draft that an earlier try has left, where this one may go on with it. */
export function knownDraft(given: Omit<DraftTry, 'attemptId'>): string | null {
  const [terms, id] = (given.stored ?? '').split(' ');
  return id !== undefined && terms === termsOf(given) ? id : null;
}

/** Remembers a mail's draft over its tries (PRODUCT 4.8). Rejects where this try is no longer the mail's. */
export function rememberDraft(database: Database, given: DraftTry): MailDraft {
  return {
    id: knownDraft(given),
    async keep(id) {
      const stored = id === null ? null : `${termsOf(given)} ${id}`;
      const { rowCount } = await asWorker(database, (tx) =>
        tx.queryLast(
          `update mailroom.messages m set draft = $3 where m.id = $1 and exists (
             select from mailroom.queue_entries q where q.message_id = m.id and q.attempt_id = $2)`,
          [given.messageId, given.attemptId, stored],
        ),
      );
      if (rowCount !== 1) throw new Error('This try of the mail has been replaced');
    },
  };
}

// A draft lies in one mailbox and goes to whom it names: under other settings or for others it is no draft of this mail.
function termsOf({ settingsVersion, envelope }: Pick<DraftTry, 'settingsVersion' | 'envelope'>): string {
  const words = [settingsVersion, envelope.from, ...envelope.to].join('\n');
  return createHash('sha256').update(words).digest('base64url').slice(0, 22);
}
