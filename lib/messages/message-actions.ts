import type { Permission } from '../access/roles.ts';
import type { MessageRunKind, MessageState } from './labels.ts';
import type { MessageEventKind } from './record-message-event.ts';

export interface MessageAction {
  readonly permission: Permission;
  /** Mails in these states can be acted on. */
  readonly states: readonly MessageState[];
  /** Those that "all that match" means where its filter names no state. */
  readonly usualStates: readonly MessageState[];
  /** How the history of a message calls it. */
  readonly event: MessageEventKind;
  /** How the audit history calls it done to many. */
  readonly audit: `messages.${string}`;
}

/** What can be done with many messages at once. */
export const messageActions: Readonly<Record<MessageRunKind, MessageAction>> = {
  try_now: {
    permission: 'messages.send',
    states: ['queued', 'retrying'],
    usualStates: ['queued', 'retrying'],
    event: 'tried_now',
    audit: 'messages.tried_now',
  },
  cancel: {
    permission: 'messages.cancel',
    states: ['queued', 'retrying', 'backlog'],
    usualStates: ['queued', 'retrying'],
    event: 'cancelled',
    audit: 'messages.cancelled',
  },
  release: {
    permission: 'messages.release',
    states: ['captured'],
    usualStates: ['captured'],
    event: 'released',
    audit: 'messages.released',
  },
  resend: {
    permission: 'messages.send',
    states: ['failed', 'expired', 'cancelled'],
    usualStates: ['failed'],
    event: 'resent',
    audit: 'messages.resent',
  },
  mark_sent: {
    permission: 'messages.decide',
    states: ['uncertain'],
    usualStates: ['uncertain'],
    event: 'marked_sent',
    audit: 'messages.marked_sent',
  },
  mark_failed: {
    permission: 'messages.decide',
    states: ['uncertain'],
    usualStates: ['uncertain'],
    event: 'marked_failed',
    audit: 'messages.marked_failed',
  },
  send_again: {
    permission: 'messages.decide',
    states: ['uncertain'],
    usualStates: ['uncertain'],
    event: 'sent_again',
    audit: 'messages.sent_again',
  },
};
