import type { Permission } from '../access/roles.ts';
import type { MessageRunKind, MessageState } from './labels.ts';
import type { MessageEventKind } from './record-message-event.ts';

export interface MessageAction<Event extends string> {
  readonly permission: Permission;
  /** Mails in these states can be acted on. */
  readonly states: readonly MessageState[];
  /** Those that "all that match" means where its filter names no state. */
  readonly usualStates: readonly MessageState[];
  /** Whether mail goes out by it, so that its lane is to be woken. */
  readonly goesOut: boolean;
  /** How the history of a message calls it. */
  readonly event: Event;
  /** How the audit history calls it done to many. */
  readonly audit: `messages.${string}` | 'backlog.held';
}

/** What can be done with many messages at once. */
export const messageActions: {
  readonly [Kind in MessageRunKind]: MessageAction<Kind extends 'hold' ? 'held' : MessageEventKind>;
} = {
  try_now: {
    permission: 'messages.send',
    states: ['queued', 'retrying'],
    // What was to be sent later goes early only where somebody asked for queued mail.
    usualStates: ['retrying'],
    goesOut: true,
    event: 'tried_now',
    audit: 'messages.tried_now',
  },
  cancel: {
    permission: 'messages.cancel',
    states: ['queued', 'retrying', 'backlog'],
    usualStates: ['queued', 'retrying'],
    goesOut: false,
    event: 'cancelled',
    audit: 'messages.cancelled',
  },
  hold: {
    permission: 'backlog.write',
    states: ['queued', 'retrying'],
    usualStates: ['queued', 'retrying'],
    goesOut: false,
    event: 'held',
    audit: 'backlog.held',
  },
  release: {
    permission: 'messages.release',
    states: ['captured'],
    usualStates: ['captured'],
    goesOut: true,
    event: 'released',
    audit: 'messages.released',
  },
  resend: {
    permission: 'messages.send',
    states: ['failed', 'expired', 'cancelled'],
    usualStates: ['failed'],
    goesOut: true,
    event: 'resent',
    audit: 'messages.resent',
  },
  mark_sent: {
    permission: 'messages.decide',
    states: ['uncertain'],
    usualStates: ['uncertain'],
    goesOut: false,
    event: 'marked_sent',
    audit: 'messages.marked_sent',
  },
  mark_failed: {
    permission: 'messages.decide',
    states: ['uncertain'],
    usualStates: ['uncertain'],
    goesOut: false,
    event: 'marked_failed',
    audit: 'messages.marked_failed',
  },
  send_again: {
    permission: 'messages.decide',
    states: ['uncertain'],
    usualStates: ['uncertain'],
    goesOut: true,
    event: 'sent_again',
    audit: 'messages.sent_again',
  },
};
