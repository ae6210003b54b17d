import { decodeWords } from 'postal-mime';
import { invalidField } from '../errors.ts';
import { type ComposedMail, mailDate } from './compose.ts';
import type { FillableHeader } from './finish-headers.ts';
import { headerLine } from './header-encoding.ts';
import { type HeaderField, headerValue, splitEntity } from './mime-entity.ts';
import { parseMailbox } from './mailbox.ts';
import { addressesIn } from './address-list.ts';
import { makeSevenBit } from './make-seven-bit.ts';

/** A finished message of a caller, made fit to store: CRLF only, 7-bit, no Bcc, exactly one Message-ID and Date. */
export interface FinishedMail extends ComposedMail {
  readonly internetMessageId: string;
  readonly subject: string;
  readonly fromAddress: string | null;
  /** Who stands in To, Cc and (removed) Bcc. */
  readonly shownRecipients: readonly { readonly address: string; readonly kind: 'to' | 'cc' | 'bcc' }[];
}

export interface FinishedFacts {
  readonly newMessageId: (from: string | null) => string;
  readonly date: Date;
  /** False: the From is taken out, for the settings to fill. Throws where it is refused. */
  readonly isSenderKept: (address: string) => boolean;
}

// Written by the last server, by this one, or a leak.
const removed = new Set([
  'bcc',
  'resent-bcc',
  'return-path',
  'delivered-to',
  'x-mailroom-original-recipients',
]);
const single = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'subject',
  'date',
  'message-id',
  'mime-version',
];
const messageIdForm = /^<[\x21-\x3b\x3d\x3f-\x7e]{1,200}@[\x21-\x3b\x3d\x3f-\x7e]{1,200}>$/;

/** Reads a finished MIME message, given as text or in base64. Throws `invalid_input` on field "mime". */
export function readFinishedMail(mime: string, facts: FinishedFacts): FinishedMail {
  const entity = splitEntity(normalLines(bytesOf(mime)));
  checkFields(entity.fields);
  const sealed = makeSevenBit(entity);
  const from = readFrom(sealed.fields);
  const isFromKept = from === null || facts.isSenderKept(from);
  const given = headerValue(sealed.fields, 'message-id');
  if (given !== null && !messageIdForm.test(given))
    throw invalidMime('The Message-ID looks like <left@domain>.');
  const internetMessageId = given ?? facts.newMessageId(isFromKept ? from : null);
  const hasReplyTo = headerValue(sealed.fields, 'reply-to') !== null;

  const filledHeaders: FillableHeader[] = [];
  if (from === null || !isFromKept) filledHeaders.push('from');
  if (!hasReplyTo && isFromKept) filledHeaders.push('reply-to');
  let headers = sealed.fields
    .filter((field) => !removed.has(field.lower) && (isFromKept || field.lower !== 'from'))
    .map((field) => field.raw)
    .join('');
  if (!hasReplyTo && !isFromKept) headers += headerLine('Reply-To', from);
  if (headerValue(sealed.fields, 'date') === null) headers += `Date: ${mailDate(facts.date)}\r\n`;
  if (given === null) headers += `Message-ID: ${internetMessageId}\r\n`;
  return {
    headers,
    filledHeaders,
    body: sealed.body,
    internetMessageId,
    subject: subjectOf(sealed.fields),
    fromAddress: isFromKept ? from : null,
    shownRecipients: shownIn(sealed.fields),
  };
}

export function invalidMime(message: string): Error {
  return invalidField('mime', message);
}

// No colon stands in base64, and every message has one in its first line.
function bytesOf(mime: string): string {
  if (mime.includes(':')) return Buffer.from(mime).toString('latin1');
  const dense = mime.replaceAll(/\s+/g, '');
  if (dense.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(dense)) {
    throw invalidMime('This is neither a MIME message nor base64.');
  }
  return Buffer.from(dense, 'base64').toString('latin1');
}

// Bare CR or LF end a line for some servers and not for others: "LF . CR LF" would smuggle a second mail (RFC 5321 2.3.8).
function normalLines(bytes: string): string {
  if (bytes.includes('\0')) throw invalidMime('A message has no NUL bytes.');
  const lines = bytes.replaceAll(/\r\n|\r|\n/g, '\r\n');
  return lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
}

function checkFields(fields: readonly HeaderField[]): void {
  for (const name of single) {
    if (fields.filter((field) => field.lower === name).length > 1)
      throw invalidMime(`The header ${name} stands twice.`);
  }
  for (const field of fields) {
    if (/[^\t\r\n\x20-\x7e]/.test(field.raw)) {
      throw invalidMime(
        `The header ${field.name} has bytes beyond ASCII or control characters; encode it (RFC 2047).`,
      );
    }
    if (field.raw.split('\r\n').some((line) => line.length > 998)) {
      throw invalidMime(`The header ${field.name} has a line of more than 998 characters.`);
    }
  }
}

function readFrom(fields: readonly HeaderField[]): string | null {
  const value = headerValue(fields, 'from');
  if (value === null) return null;
  const addresses = addressesIn(value);
  const [first] = addresses;
  // What a reader takes for the sender must be what was checked: one plain mailbox and nothing around it.
  const only = addresses.length === 1 ? parseMailbox(value) : null;
  if (first === undefined || only === null || only.address !== first) {
    throw invalidMime('From has exactly one address, such as Name <a@example.com>.');
  }
  return first;
}

function subjectOf(fields: readonly HeaderField[]): string {
  const text = decodeWords(headerValue(fields, 'subject') ?? '');
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .slice(0, 998)
    .toWellFormed();
}

function shownIn(fields: readonly HeaderField[]): FinishedMail['shownRecipients'] {
  const shown: { address: string; kind: 'to' | 'cc' | 'bcc' }[] = [];
  for (const kind of ['bcc', 'cc', 'to'] as const) {
    const value = headerValue(fields, kind);
    if (value !== null) shown.push(...addressesIn(value).map((address) => ({ address, kind })));
  }
  return shown;
}
