import type { Services } from '../context.ts';
import type { GraphSlots } from '../graph-slots/graph-slots.ts';
import { createTokenSource } from '../oauth/token-vault.ts';
import type { RequestSlots } from '../transports/supplies.ts';
import type { OpenedMailSettings } from './open-mail-settings.ts';
import type { MailSettingsDocument } from './schemas.ts';
import { throttleKeys } from './throttle-keys.ts';
import type { Supplies } from './transport-options.ts';

/** What the transport of saved settings is handed: tokens of the vault, and turns at the mailbox for Graph. */
export function transportSupplies(
  services: Services,
  slots: GraphSlots,
  owner: { readonly organizationId: string; readonly projectId: string },
  opened: OpenedMailSettings,
): Supplies {
  return {
    tokens: createTokenSource(services, owner, opened),
    slots: graphTurns(services, slots, opened.document),
  };
}

/** The turns that every project with this client ID and mailbox takes (PRODUCT 2.13); null without Graph. */
export function graphTurns(
  { keyring }: Pick<Services, 'keyring'>,
  slots: GraphSlots,
  { connection }: MailSettingsDocument,
): RequestSlots | null {
  if (connection.kind !== 'graph') return null;
  const { clientKey, mailboxKey, countsByClient } = throttleKeys(keyring, connection);
  return slots.of(countsByClient ? clientKey : mailboxKey);
}
