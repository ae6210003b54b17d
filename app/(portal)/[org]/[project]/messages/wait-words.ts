import type { WaitingReason } from '#lib/messages/labels.ts';
import type { ProjectWait } from '#lib/messages/read-project-wait.ts';

const words: Readonly<Record<WaitingReason, string>> = {
  not_set_up: 'Mail is not set up: they go once it is.',
  paused: 'Sending is paused: they go when a person starts it.',
  stopped: 'Sending is stopped, because the server refuses: they go once a person has put that right.',
  waiting: 'The server is waited for: they go when it answers again.',
  paced: 'They go one after the other, as their pool lets them.',
  send_at: 'They go at their time.',
};

/** That mails which were moved to the front do not go yet, and when they will; null where they go now. */
export function waitWords(waits: ProjectWait | null): string | null {
  return waits === null ? null : words[waits.reason];
}
