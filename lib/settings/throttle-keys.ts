import { slotKey } from '../graph-slots/slot-key.ts';
import type { Keyring } from '../secrets/keyring.ts';

/** What of a Graph connection Microsoft counts by. */
export interface CountedConnection {
  readonly endpoint: string;
  readonly mailbox: string;
  readonly authentication: { readonly clientId: string };
  readonly requestsCountedBy: 'client_and_mailbox' | 'client';
}

/** Two connections share a throttle with the same mailbox key, or the same client key where either counts by it. */
export interface ThrottleKeys {
  readonly clientKey: Buffer;
  readonly mailboxKey: Buffer;
  readonly countsByClient: boolean;
}

/** The keyed hashes of cloud, client ID and mailbox (PRODUCT 2.13). Throws TypeError where the endpoint is no URL. */
export function throttleKeys(
  keyring: Pick<Keyring, 'tag'>,
  { endpoint, mailbox, authentication, requestsCountedBy }: CountedConnection,
): ThrottleKeys {
  const app = { cloud: new URL(endpoint).host, clientId: authentication.clientId };
  return {
    clientKey: slotKey(keyring, { ...app, mailbox: null }),
    mailboxKey: slotKey(keyring, { ...app, mailbox }),
    countsByClient: requestsCountedBy === 'client',
  };
}
