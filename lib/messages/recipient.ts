import type { Mailbox } from './mailbox.ts';

export interface Recipient {
  readonly address: string;
  readonly kind: 'to' | 'cc' | 'bcc' | 'envelope';
}

/** Each address once, under the first heading that names it. */
export function distinctRecipients(
  named: readonly (readonly ['to' | 'cc' | 'bcc', readonly Mailbox[]])[],
): readonly Recipient[] {
  const found = new Map<string, Recipient>();
  for (const [kind, mailboxes] of named) {
    for (const { address } of mailboxes) if (!found.has(address)) found.set(address, { address, kind });
  }
  return [...found.values()];
}
