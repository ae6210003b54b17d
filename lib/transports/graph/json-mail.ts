import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';
import type { MailChange, OutgoingMail } from '../contract.ts';
import { markerOf, markerProperty } from './marker.ts';
import { readGraphMime } from './mail-content.ts';

/** A mail as Graph's JSON, and what of its MIME that cannot say. */
export interface JsonMail {
  readonly message: object;
  readonly changes: readonly MailChange[];
}

/** Fields that have a place of their own in the JSON, or that Exchange writes itself. */
const carriedFields = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'subject',
  'message-id',
  'importance',
  'date',
  'mime-version',
  'x-mailroom-mark',
]);

/** Fields that JSON cannot name and MAPI can [MS-OXCMAIL 2.1.3.4; MS-OXPROPS]. */
const propertyOf: ReadonlyMap<string, string> = new Map([
  ['list-unsubscribe', 'String 0x1045'],
  ['in-reply-to', 'String 0x1042'],
  ['references', 'String 0x1039'],
]);

/** Graph takes at most five headers of the caller's own. */
const maxOwnHeaders = 5;

/** Reads the mail and writes it anew: MIME that is sent is always kept in Sent Items, JSON only by choice. */
export async function makeJsonMail(mail: OutgoingMail): Promise<JsonMail> {
  const { mime, changes } = await readGraphMime(mail, 'send');
  const email = await PostalMime.parse(mime, { attachmentEncoding: 'base64' });
  const lost: MailChange[] = [];
  const headers = sortHeaders(email, lost);
  if (email.html !== undefined && email.text !== undefined) {
    lost.push({ code: 'TEXT_PART_NOT_KEPT', detail: 'text/plain beside text/html' });
  }
  const message = {
    subject: email.subject ?? '',
    body:
      email.html === undefined
        ? { contentType: 'text', content: email.text ?? '' }
        : { contentType: 'html', content: email.html },
    ...(email.from === undefined ? {} : { from: recipientsOf([email.from])[0] }),
    toRecipients: recipientsOf(email.to),
    ccRecipients: recipientsOf(email.cc),
    bccRecipients: recipientsOf(email.bcc),
    replyTo: recipientsOf(email.replyTo),
    internetMessageId: mail.messageId,
    ...(headers.own.length > 0 ? { internetMessageHeaders: headers.own } : {}),
    singleValueExtendedProperties: [
      { id: markerProperty, value: markerOf(mail.messageId, 'send') },
      ...headers.properties,
    ],
    ...(email.attachments.length > 0 ? { attachments: email.attachments.map(attachmentOf) } : {}),
  };
  return { message, changes: [...changes, ...lost] };
}

function sortHeaders(email: Email, lost: MailChange[]) {
  const own: { name: string; value: string }[] = [];
  const properties: { id: string; value: string }[] = [];
  for (const { key, originalKey, value } of email.headers) {
    if (carriedFields.has(key) || key.startsWith('content-')) continue;
    const id = propertyOf.get(key);
    if (id !== undefined) properties.push({ id, value });
    else if (key.startsWith('x-') && own.length < maxOwnHeaders) own.push({ name: originalKey, value });
    else lost.push({ code: 'HEADER_NOT_KEPT', detail: originalKey });
  }
  return { own, properties };
}

function recipientsOf(addresses: readonly Address[] = []) {
  return addresses
    .flatMap((entry) => entry.group ?? [entry])
    .filter(({ address }) => address !== undefined && address !== '')
    .map(({ name, address }) => ({ emailAddress: { ...(name === '' ? {} : { name }), address } }));
}

function attachmentOf({ filename, mimeType, content, contentId, disposition }: Attachment) {
  return {
    '@odata.type': '#microsoft.graph.fileAttachment',
    name: filename ?? 'attachment',
    contentType: mimeType,
    contentBytes: content,
    ...(contentId === undefined ? {} : { contentId: contentId.replaceAll(/^<|>$/g, '') }),
    isInline: disposition === 'inline' && contentId !== undefined,
  };
}
