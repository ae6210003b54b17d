import { composeMail, newInternetMessageId } from '../messages/compose.ts';
import { finishHeaders } from '../messages/finish-headers.ts';
import { composedMessage } from '../messages/schemas.ts';
import type { OutgoingMail } from '../transports/contract.ts';
import type { MailSettingsDocument } from './schemas.ts';

export interface TestMailFacts {
  readonly id: string;
  readonly to: string;
  readonly sender: MailSettingsDocument['sender'];
  readonly projectName: string;
  /** Who asked for the test. */
  readonly askedBy: string;
  readonly server: string;
  readonly date: Date;
  readonly portalUrl: string;
}

/** The test mail as it goes on the wire, made by the same composer as every mail. Pure. */
export function composeTestMail(facts: TestMailFacts): OutgoingMail {
  const messageId = newInternetMessageId(facts.id, facts.sender.address, facts.portalUrl);
  const input = composedMessage.parse({
    to: { address: facts.to },
    subject: `Test mail of ${facts.projectName}`,
    text: textOf(facts),
    // So that no out-of-office answer comes back (RFC 3834).
    headers: { 'X-Auto-Response-Suppress': 'All' },
  });
  const mail = composeMail(input, {
    id: facts.id,
    internetMessageId: messageId,
    date: facts.date,
    from: null,
    replyTo: null,
  });
  const head = finishHeaders({ ...mail, sender: facts.sender });
  const bytes = Buffer.from(head + mail.body, 'utf8');
  return {
    envelope: { from: facts.sender.address, to: [facts.to] },
    messageId,
    sizeBytes: bytes.length,
    async *open() {
      yield bytes;
    },
    mayStart: () => Promise.resolve(true),
    mayFinish: () => true,
  };
}

function textOf({ projectName, askedBy, server, portalUrl }: TestMailFacts): string {
  return [
    `This is a test mail. ${askedBy} asked for it, to prove the mail settings of ${projectName}.`,
    `It went out through ${server}. If you read this in your mailbox, sending works.`,
    '',
    `Mailroom, ${portalUrl}`,
    '',
  ].join('\r\n');
}
