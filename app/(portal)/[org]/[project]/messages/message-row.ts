import type { MessageListItem } from '#lib/messages/present-message.ts';
import { waitingPhrases } from '#lib/messages/labels.ts';
import { holdReasonFacts } from '#lib/policy/hold-reasons.ts';

/** A message as a row of the list. */
export type MessageRow = Pick<
  MessageListItem,
  'id' | 'state' | 'subject' | 'category' | 'attemptCount' | 'isRepeated' | 'stateAt'
> & {
  /** Why it waits, as a short phrase that `until` ends. Null where the state says it all. */
  readonly waits: string | null;
  readonly until: string | null;
  readonly to: string;
  /** Recipients beside the first. */
  readonly others: number;
  /** "3 of 4" where not every recipient was accepted. */
  readonly share: string | null;
};

export function toRow(item: MessageListItem): MessageRow {
  const isPartly = item.state === 'sent' && item.acceptedCount < item.recipientCount;
  return {
    id: item.id,
    state: item.state,
    subject: item.subject,
    category: item.category,
    attemptCount: item.attemptCount,
    isRepeated: item.isRepeated,
    stateAt: item.stateAt,
    ...waitOf(item),
    to: item.firstRecipient,
    others: item.recipientCount - 1,
    share: isPartly ? `${item.acceptedCount} of ${item.recipientCount}` : null,
  };
}

function waitOf({ held, waiting, nextAttemptAt }: MessageListItem): Pick<MessageRow, 'waits' | 'until'> {
  if (held !== null) return { waits: `held: ${holdReasonFacts[held.reason].phrase}`, until: null };
  if (waiting === null) return { waits: nextAttemptAt === null ? null : 'next try', until: nextAttemptAt };
  const phrase = waitingPhrases[waiting.reason];
  const isTriedAgain = waiting.reason === 'waiting' && waiting.until !== null;
  return { waits: isTriedAgain ? `${phrase}, next try` : phrase, until: waiting.until };
}
