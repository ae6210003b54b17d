import PostalMime, { type Address } from 'postal-mime';
import { type InboxEntry, pruneInbox, saveMail } from './inbox-folder.ts';

/** How a mail reached the inbox, and who it is for: what its headers say is not asked. */
export interface Arrival extends Pick<InboxEntry, 'envelopeFrom' | 'via'> {
  readonly envelopeTo: readonly string[];
}

/** Keeps one mail in the inbox's folder. */
export type KeepMail = (bytes: Buffer, arrival: Arrival) => Promise<InboxEntry>;

const pruneEveryMails = 100;

/** A keeper of mails for one receiving process; now and then it removes the oldest. */
export function createMailKeeper(folder: string): KeepMail {
  let sinceLastPrune = 0;
  return async (bytes, arrival) => {
    const entry = await saveMail(folder, bytes, {
      receivedAt: new Date().toISOString(),
      ...arrival,
      envelopeTo: [...arrival.envelopeTo],
      ...(await headline(bytes)),
    });
    sinceLastPrune += 1;
    if (sinceLastPrune >= pruneEveryMails) {
      sinceLastPrune = 0;
      await pruneInbox(folder);
    }
    return entry;
  };
}

async function headline(bytes: Buffer): Promise<Pick<InboxEntry, 'subject' | 'from' | 'messageId'>> {
  const mail = await PostalMime.parse(bytes).catch(() => null);
  return {
    subject: mail?.subject ?? '',
    from: mail?.from === undefined ? '' : addressWords(mail.from),
    messageId: mail?.messageId ?? '',
  };
}

/** "Name <address>", a bare address, or the name of a group. */
export function addressWords(address: Address): string {
  if (address.address === undefined) return address.name;
  return address.name === '' ? address.address : `${address.name} <${address.address}>`;
}
