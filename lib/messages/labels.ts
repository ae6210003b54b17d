/** The words for a message's states and reasons: one place for pages, the API's description and the command line. */

export const messageStates = [
  'queued',
  'sending',
  'retrying',
  'sent',
  'failed',
  'expired',
  'cancelled',
  'captured',
  'uncertain',
  'backlog',
  'suspended',
] as const;
export type MessageState = (typeof messageStates)[number];

export const stateLabels: Readonly<
  Record<MessageState, { readonly label: string; readonly meaning: string }>
> = {
  queued: { label: 'Queued', meaning: 'Accepted and waiting for its turn.' },
  sending: { label: 'Sending', meaning: 'Being handed over to the mail server.' },
  retrying: { label: 'Retrying', meaning: 'A temporary fault met it; it is tried again.' },
  sent: { label: 'Sent', meaning: 'The mail server has taken it for at least one recipient.' },
  failed: { label: 'Failed', meaning: 'Refused for good, or given up after the last try.' },
  expired: { label: 'Expired', meaning: 'Its expiry time passed before it could be sent.' },
  cancelled: { label: 'Cancelled', meaning: 'Taken back before it was started.' },
  captured: { label: 'Captured', meaning: 'Kept here by the sending mode; it has not left.' },
  uncertain: { label: 'Uncertain', meaning: 'It may have been handed over; a person decides.' },
  backlog: { label: 'Backlog', meaning: 'Stopped by a limit or a person.' },
  suspended: { label: 'Suspended', meaning: 'Taken out of the backlog for good.' },
};

/** Why a queued message does not start yet. */
export const waitingReasons = ['not_set_up', 'paused', 'stopped', 'waiting', 'paced', 'send_at'] as const;
export type WaitingReason = (typeof waitingReasons)[number];

export const waitingLabels: Readonly<Record<WaitingReason, string>> = {
  not_set_up: 'The project has no mail settings yet.',
  paused: 'Sending is paused for this project.',
  stopped: 'The mail server refused the sign-in or the configuration; a person must act.',
  waiting: 'The mail server cannot be reached or asked to wait.',
  paced: 'The pool that its project draws from lets mails go one after the other.',
  send_at: 'It is to be sent later.',
};

/** The same as a short phrase behind a subject. */
export const waitingPhrases: Readonly<Record<WaitingReason, string>> = {
  not_set_up: 'no mail settings',
  paused: 'sending is paused',
  stopped: 'sending is stopped',
  waiting: 'the server is waited for',
  paced: 'paced, next mail',
  send_at: 'to be sent',
};

export const recipientStates = ['pending', 'accepted', 'refused', 'captured', 'suppressed'] as const;
export type RecipientState = (typeof recipientStates)[number];

export const recipientLabels: Readonly<Record<RecipientState, string>> = {
  pending: 'Pending',
  accepted: 'Accepted',
  refused: 'Refused',
  captured: 'Captured',
  suppressed: 'Suppressed',
};

export const priorityLabels = ['high', 'normal', 'low'] as const;
export type PriorityLabel = (typeof priorityLabels)[number];

export const attemptOutcomes = [
  'accepted',
  'temporary',
  'permanent',
  'unreachable',
  'throttled',
  'credentials',
  'uncertain',
  'withheld',
] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** How a try ended, said behind its number: "Try 2, refused for now". */
export const outcomeLabels: Readonly<Record<AttemptOutcome, string>> = {
  accepted: 'taken by the server',
  temporary: 'refused for now',
  permanent: 'refused for good',
  unreachable: 'server not reached',
  throttled: 'asked to wait',
  credentials: 'sign-in refused',
  uncertain: 'no answer, may have arrived',
  withheld: 'given back before it was handed over',
};

/** What can be done with all messages that match a filter. */
export const messageRunKinds = [
  'try_now',
  'cancel',
  'hold',
  'release',
  'resend',
  'mark_sent',
  'mark_failed',
  'send_again',
] as const;
export type MessageRunKind = (typeof messageRunKinds)[number];

/** What happened to a message beside its attempts, by a person or a limit. */
export const eventLabels: Readonly<Record<string, string>> = {
  cancelled: 'Cancelled',
  resent: 'Sent again as another message',
  released: 'Let go although the sending mode held it',
  tried_now: 'Moved to the front of the queue',
  held: 'Held in the backlog',
  resumed: 'Resumed from the backlog',
  auto_resumed: 'Let go from the backlog by auto resume',
  suspended: 'Suspended',
  returned: 'Returned to the backlog',
  marked_sent: 'Marked as sent: it arrived',
  marked_failed: 'Marked as failed: given up',
  sent_again: 'Let go again although it may have arrived',
};
