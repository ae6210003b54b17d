import type { AttachmentInput, ComposedInput } from './schemas.ts';
import { encodeTextBody, wrapBase64 } from './encode-body.ts';
import { type Mailbox, domainOf, normalAddress } from './mailbox.ts';
import { encodeMailbox, encodeParameter, encodeText, headerLine } from './header-encoding.ts';
import type { FillableHeader } from './finish-headers.ts';

/** A message as it is stored: made once at accept, the same bytes on every attempt. */
export interface ComposedMail {
  /** Complete lines ended by CRLF, without the blank line, without Bcc and without what settings fill. */
  readonly headers: string;
  readonly filledHeaders: readonly FillableHeader[];
  /** ASCII, lines of at most 998 characters ended by CRLF. */
  readonly body: string;
}

export interface ComposeFacts {
  readonly id: string;
  /** With its angle brackets. */
  readonly internetMessageId: string;
  readonly date: Date;
  /** Null: the settings fill it. */
  readonly from: Mailbox | null;
  /** Null: the settings fill it. */
  readonly replyTo: readonly Mailbox[] | null;
}

/** `<id@domain>`; the domain of the sender where it is known (RFC 5322 3.6.4). */
export function newInternetMessageId(id: string, senderAddress: string | null, portalUrl: string): string {
  const domain =
    senderAddress === null
      ? new URL(portalUrl).hostname.replaceAll(/[[\]:]/g, '')
      : domainOf(normalAddress(senderAddress) ?? senderAddress);
  return `<${id}@${domain}>`;
}

/** The MIME message of structured input. Pure: bytes come from the input alone, never from files or addresses. */
export function composeMail(input: ComposedInput, facts: ComposeFacts): ComposedMail {
  const content = contentOf(input, facts.id);
  let headers = '';
  const filledHeaders: FillableHeader[] = [];
  if (facts.from === null) filledHeaders.push('from');
  else headers += headerLine('From', encodeMailbox(facts.from));
  headers += input.to.length > 0 ? mailboxLine('To', input.to) : '';
  headers += input.cc.length > 0 ? mailboxLine('Cc', input.cc) : '';
  // A header block without any recipient is legal and yet refused here and there (RFC 5322 3.6.3).
  if (input.to.length + input.cc.length === 0) headers += 'To: undisclosed-recipients:;\r\n';
  if (facts.replyTo === null) filledHeaders.push('reply-to');
  else if (facts.replyTo.length > 0) headers += mailboxLine('Reply-To', facts.replyTo);
  headers += headerLine('Subject', encodeText(input.subject));
  headers += `Date: ${mailDate(facts.date)}\r\nMessage-ID: ${facts.internetMessageId}\r\n`;
  headers += customHeaders(input.headers);
  headers += `MIME-Version: 1.0\r\n${content.headers}`;
  return { headers, filledHeaders, body: content.body };
}

/** RFC 5322 3.3, always in UTC. */
export function mailDate(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}

function mailboxLine(name: string, mailboxes: readonly Mailbox[]): string {
  return headerLine(name, mailboxes.map(encodeMailbox).join(', '));
}

function customHeaders(given: ComposedInput['headers']): string {
  let lines = '';
  for (const [name, values] of Object.entries(given)) {
    for (const value of [values].flat()) {
      // ASCII stays as the caller wrote it: References or List-Unsubscribe must not be encoded.
      const isAscii = /^[\x20-\x7e]*$/.test(value);
      lines += headerLine(name, isAscii ? value.trim() : encodeText(value.trim()));
    }
  }
  return lines;
}

interface Part {
  /** Content headers, complete lines. */
  readonly headers: string;
  readonly body: string;
}

function contentOf(input: ComposedInput, id: string): Part {
  const inline =
    input.html === undefined ? [] : input.attachments.filter((file) => file.contentId !== undefined);
  const attached = input.attachments.filter((file) => !inline.includes(file));
  const readable: Part[] = [];
  if (input.text !== undefined) readable.push(textPart('plain', input.text));
  if (input.html !== undefined) {
    const html = textPart('html', input.html);
    const related = [html, ...inline.map((file) => filePart(file, 'inline'))];
    readable.push(
      related.length === 1 ? html : multipart('related', related, `${id}-r`, '; type="text/html"'),
    );
  }
  const parts: Part[] = [];
  if (readable.length > 1) parts.push(multipart('alternative', readable, `${id}-a`));
  else parts.push(...readable);
  parts.push(...attached.map((file) => filePart(file, 'attachment')));
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  return multipart('mixed', parts, `${id}-m`);
}

function textPart(subtype: 'plain' | 'html', text: string): Part {
  const { encoding, text: body } = encodeTextBody(text);
  return {
    headers: `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n`,
    body,
  };
}

function filePart(file: AttachmentInput, disposition: 'attachment' | 'inline'): Part {
  const name = encodeParameter('filename', file.filename);
  const type = headerLine('Content-Type', file.contentType + encodeParameter('name', file.filename));
  const contentId = file.contentId === undefined ? '' : `Content-ID: <${file.contentId}>\r\n`;
  return {
    headers: `${type}${headerLine('Content-Disposition', disposition + name)}${contentId}Content-Transfer-Encoding: base64\r\n`,
    body: wrapBase64(file.content),
  };
}

// "=_" cannot stand in quoted-printable or base64, and nobody knows the id before the message is accepted.
function multipart(subtype: string, parts: readonly Part[], name: string, parameters = ''): Part {
  const boundary = `=_${name}`;
  const body = parts.map((part) => `--${boundary}\r\n${part.headers}\r\n${part.body}`);
  return {
    headers: `Content-Type: multipart/${subtype}${parameters};\r\n boundary="${boundary}"\r\nContent-Transfer-Encoding: 7bit\r\n`,
    body: `${body.join('')}--${boundary}--\r\n`,
  };
}
