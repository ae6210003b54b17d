import type { MessageRunKind, MessageState } from '#lib/messages/labels.ts';

/** What can be done to all messages that match a filter of this state; undefined: a filter that names none. */
export function actionsFor(state: MessageState | undefined): readonly MessageRunKind[] {
  switch (state) {
    case undefined:
      return ['try_now', 'hold', 'cancel', 'resend'];
    case 'queued':
    case 'retrying':
      return ['try_now', 'hold', 'cancel'];
    case 'backlog':
      return ['cancel'];
    case 'failed':
    case 'expired':
    case 'cancelled':
      return ['resend'];
    case 'captured':
      return ['release'];
    case 'uncertain':
      return ['mark_sent', 'send_again', 'mark_failed'];
    case 'sending':
    case 'sent':
    case 'suspended':
      return [];
    default:
      return state satisfies never;
  }
}
