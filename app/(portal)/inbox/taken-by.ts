import type { InboxEntry } from '#lib/inbox/inbox-folder.ts';

/** The server of the demo that took a mail. */
export const takenBy: Readonly<Record<InboxEntry['via'], string>> = {
  smtp: 'SMTP',
  graph: 'Microsoft Graph',
  ews: 'Exchange',
};
