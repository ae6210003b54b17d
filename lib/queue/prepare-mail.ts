import { isAscii } from 'node:buffer';
import { departingSender } from '#lib/messages/departing-sender.ts';
import { finishHeaders } from '#lib/messages/finish-headers.ts';
import {
  decideDeparture,
  originalRecipientsHeader,
  strictestMode,
  type Departure,
} from '#lib/policy/sending-mode.ts';
import type { MailSettingsDocument } from '#lib/settings/schemas.ts';
import type { OutgoingMail } from '#lib/transports/contract.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import { wholeContent, type ContentReader } from './stream-content.ts';

/** A mail with everything but the permission to leave. */
export interface PreparedMail {
  readonly mail: ClaimedMail;
  readonly departure: Departure;
  /** Null where nothing leaves: all captured, or magic recipients only. */
  readonly outgoing: Omit<OutgoingMail, 'mayStart' | 'mayFinish'> | null;
  /** The sender that these settings do not let leave; null where it may. */
  readonly refusedSender: string | null;
}

/** Throws where the mail's content is gone; the caller sets such a mail aside after some tries. */
export function prepareMail(
  contents: ContentReader,
  mail: ClaimedMail,
  document: MailSettingsDocument,
): PreparedMail {
  const mode = strictestMode(document.sending.mode, mail.keyMode);
  const departure = decideDeparture(mode, mail.pending, mail.isReleased);
  if (departure.leaving.length === 0) return { mail, departure, outgoing: null, refusedSender: null };
  if (mail.headers === null) throw new Error('The content of this mail is not there');
  const { headers } = mail;
  const by = departingSender(document, { ...mail, headers });
  if (by.kind === 'refused') return { mail, departure, outgoing: null, refusedSender: by.address };
  const header = finishHeaders({
    headers: by.headers,
    filledHeaders: by.filledHeaders,
    sender: document.sender,
    extra: extraHeaders(departure),
  });
  const addedBytes = Buffer.byteLength(header) - Buffer.byteLength(headers);
  const { body, messageId } = mail;
  return {
    mail,
    departure,
    outgoing: {
      envelope: {
        from: by.envelopeFrom,
        to: departure.leaving.map(({ address }) => address),
      },
      messageId: mail.internetMessageId,
      sizeBytes: body === null ? mail.sizeBytes + addedBytes : Buffer.byteLength(header) + body.length,
      // A streamed body is not known beforehand; asking for 8BITMIME does a 7-bit mail no harm.
      isEightBit: body === null || !isAscii(body) || !isAscii(Buffer.from(header)),
      open: () => (body === null ? contents.stream(messageId, header) : wholeContent(header, body)),
    },
    refusedSender: null,
  };
}

function extraHeaders({ originalRecipients }: Departure): { name: string; value: string }[] {
  if (originalRecipients === null) return [];
  return [{ name: originalRecipientsHeader, value: originalRecipients.join(', ') }];
}
