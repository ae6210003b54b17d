import type { RecipientsPolicy } from '#lib/limits/limits-view.ts';

/** What becomes of a mail with more recipients than one may have. */
export const recipientsPolicyWords = {
  hold: { label: 'Hold', note: 'It waits in the backlog until a person or a higher limit lets it go.' },
  split: { label: 'Split', note: 'It goes out as several mails, each within the limit; each counts as one.' },
  refuse: { label: 'Refuse', note: 'It is refused at the door: the program that sends it is told.' },
} as const satisfies Record<RecipientsPolicy, { label: string; note: string }>;
