import type { MailSettingsDocument } from '../settings/schemas.ts';
import { mayReadMail } from '../settings/transport-options.ts';

/** Whether a mail in doubt can be looked for at the far side, or why it cannot. */
export type LookAbility = 'looks' | 'smtp' | 'keeps_no_copy' | 'no_right';

/** What the settings allow. Pure. */
export function lookAbility({ connection }: MailSettingsDocument): LookAbility {
  switch (connection.kind) {
    case 'smtp':
      return 'smtp';
    case 'ews':
      return connection.saveToSentItems ? 'looks' : 'keeps_no_copy';
    case 'graph':
      if (!mayReadMail(connection.authentication)) return 'no_right';
      return connection.saveToSentItems ? 'looks' : 'keeps_no_copy';
    default:
      return connection satisfies never;
  }
}
