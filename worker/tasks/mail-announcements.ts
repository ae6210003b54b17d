import type { Task } from 'graphile-worker';
import type { Services } from '#lib/context.ts';
import { mailAnnouncements } from '#lib/notices/mail-announcements.ts';

/** Mails what Mailroom has to tell people. */
export function mailAnnouncementsTask(services: Services): Task {
  return async () => {
    await mailAnnouncements(services);
  };
}
