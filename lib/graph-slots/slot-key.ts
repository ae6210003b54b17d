import type { Keyring } from '../secrets/keyring.ts';

/** What Microsoft throttles by. */
export interface ThrottledMailbox {
  /** The host of the Graph endpoint: each cloud counts for itself. */
  readonly cloud: string;
  readonly clientId: string;
  /** Null where the choice is to count by client ID alone (both versions of Microsoft's page exist). */
  readonly mailbox: string | null;
}

/**
 * The same 32 bytes for the same client ID and mailbox, whichever organization they stand in (PRODUCT 2.13), and nothing
 * that could be read back.
 */
export function slotKey(
  keyring: Pick<Keyring, 'tag'>,
  { cloud, clientId, mailbox }: ThrottledMailbox,
): Buffer {
  const parts = [cloud, clientId, mailbox ?? ''].map((part) => part.trim().toLowerCase());
  return keyring.tag(JSON.stringify(['graph-slots', ...parts]));
}
