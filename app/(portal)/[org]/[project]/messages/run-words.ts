import type { MessageRunKind } from '#lib/messages/labels.ts';
import { formatCount } from '#app/_ui/format-number.ts';
import type { ButtonVariant } from '#app/_ui/button.tsx';

interface RunWords {
  /** The question, and the button that answers it. */
  readonly title: (mails: string) => string;
  readonly confirm: (mails: string) => string;
  readonly pending: string;
  /** What it does, and what it risks. */
  readonly effect: string;
  readonly none: string;
  /** What the toast says of it, behind the number. */
  readonly done: string;
  readonly variant?: ButtonVariant;
}

/** The words of everything that can be done to many messages. */
export const runWords: Readonly<Record<MessageRunKind, RunWords>> = {
  try_now: {
    title: (mails) => `Try ${mails} now?`,
    confirm: (mails) => `Try ${mails} now`,
    pending: 'Moving…',
    effect:
      'They go to the front of the queue instead of waiting for their next try, or for the time at which they were to be sent. What follows a failed try is as scheduled.',
    none: 'None of them waits for a later time.',
    done: 'moved to the front of the queue',
  },
  cancel: {
    title: (mails) => `Cancel ${mails}?`,
    confirm: (mails) => `Cancel ${mails}`,
    pending: 'Cancelling…',
    effect:
      'They will not be sent. Those that have started meanwhile are skipped; each can be sent again later as a new mail.',
    none: 'None of them can be cancelled.',
    done: 'cancelled',
    variant: 'danger',
  },
  hold: {
    title: (mails) => `Hold ${mails}?`,
    confirm: (mails) => `Hold ${mails}`,
    pending: 'Holding…',
    effect:
      'They leave the queue for the backlog and stay there until a person resumes them. Those that have started meanwhile are skipped.',
    none: 'None of them waits in the queue.',
    done: 'held: they wait in the backlog for a person',
  },
  release: {
    title: (mails) => `Release ${mails}?`,
    confirm: (mails) => `Release ${mails}`,
    pending: 'Releasing…',
    effect: 'They go out now, although the sending mode holds them.',
    none: 'None of them is captured.',
    done: 'released',
  },
  resend: {
    title: (mails) => `Send ${mails} again?`,
    confirm: (mails) => `Send ${mails} again`,
    pending: 'Sending…',
    effect:
      'Each becomes a new mail with its own Message-ID, to those who have not got it, and counts as one more mail.',
    none: 'None of them can be sent again.',
    done: 'sent again as new mails',
  },
  mark_sent: {
    title: (mails) => `Mark ${mails} as sent?`,
    confirm: (mails) => `Mark ${mails} as sent`,
    pending: 'Marking…',
    effect:
      'Choose this when you know that they arrived. If one did not, its recipients get nothing and nobody is told.',
    none: 'None of them is uncertain any more.',
    done: 'marked as sent',
  },
  send_again: {
    title: (mails) => `Send ${mails} again?`,
    confirm: (mails) => `Send ${mails} again`,
    pending: 'Sending…',
    effect:
      'They go out once more with the same Message-ID, each marked as a repeat. Whoever has one already gets it twice, unless the server can be asked first.',
    none: 'None of them is uncertain any more, or their time is over.',
    done: 'let go again as repeats',
  },
  mark_failed: {
    title: (mails) => `Give ${mails} up?`,
    confirm: (mails) => `Give ${mails} up`,
    pending: 'Giving up…',
    effect:
      'They are marked as failed and not sent again by themselves. If one did arrive, it stays marked as failed.',
    none: 'None of them is uncertain any more.',
    done: 'marked as failed',
    variant: 'danger',
  },
};

/** "this mail", "312 mails". */
export function mailsWord(count: number): string {
  return count === 1 ? 'this mail' : formatCount(count, 'mail');
}
