import { asDrain, type Database } from '#db/client.ts';
import type { StartMark } from './start-mark.ts';

/** A mail that is on its way for so long is shown as sending; most are settled before. */
const shownAfterMs = 250;

/**
 * Writes the state `sending` for mails that stay on their way. The mark in the queue is the truth; showing each of
 * them would cost as much as settling it, for a state that lasts some milliseconds.
 */
export interface SendingShow {
  /** The mail's mark is committed. */
  noteStarted(mark: StartMark): void;
  /** The outcome of this attempt is about to be written. */
  noteEnded(attemptId: string): void;
  /** Called by a timer. */
  showSlow(): Promise<void>;
}

export function createSendingShow(database: Database, now: () => number): SendingShow {
  // In the order of their marks, so that the first that is too young ends the look.
  const underWay = new Map<string, { readonly messageId: string; readonly sinceMs: number }>();
  return {
    noteStarted: ({ attemptId, messageId }) => void underWay.set(attemptId, { messageId, sinceMs: now() }),
    noteEnded: (attemptId) => void underWay.delete(attemptId),
    async showSlow() {
      const attemptIds: string[] = [];
      const messageIds: string[] = [];
      for (const [attemptId, { messageId, sinceMs }] of underWay) {
        if (now() - sinceMs < shownAfterMs) break;
        attemptIds.push(attemptId);
        messageIds.push(messageId);
        underWay.delete(attemptId);
      }
      if (attemptIds.length === 0) return;
      await asDrain(database, (tx) => tx.queryLast(showStatement, [messageIds, attemptIds]));
    },
  };
}

// The mark is locked first, as the settlement does: one that is just being settled is left to its outcome.
const showStatement = `
with own as materialized (
  select q.message_id, q.attempt_started_at, q.settings_version
  from unnest($1::uuid[], $2::uuid[]) as w(message_id, attempt_id)
  join mailroom.queue_entries q on q.message_id = w.message_id and q.attempt_id = w.attempt_id
  for no key update of q skip locked
)
update mailroom.messages m set state = 'sending', state_reason = null, state_at = own.attempt_started_at,
  settings_version = own.settings_version, next_attempt_at = null
from own where m.id = own.message_id`;
