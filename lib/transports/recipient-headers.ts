import { domainToASCII } from 'node:url';
import { addressParser } from 'postal-mime';
import type { MailChange } from './contract.ts';

/**
 * Protocols that take the recipients from the mail itself (Exchange Web Services, Microsoft Graph) get a header block
 * that names nobody outside the envelope (PRODUCT 4.9).
 */
export interface FittedHeaders {
  /** The header block with its empty line; the same bytes where nothing had to go. */
  readonly header: Buffer;
  /** Envelope addresses that neither To nor Cc shows, in the envelope's order: they get the mail as Bcc. */
  readonly hidden: readonly string[];
  readonly changes: readonly MailChange[];
}

const maxHeaderBytes = 1024 * 1024;
const headerEnd = Buffer.from('\r\n\r\n');

/** Fields that some server takes recipients from and that nobody needs to read. */
const removedFields = new Set(['bcc', 'resent-to', 'resent-cc', 'resent-bcc', 'apparently-to']);
const shownFields = new Set(['to', 'cc']);

export interface HeaderBlock {
  readonly header: Buffer;
  /** How many bytes of the mail it took: fewer than it has where the mail lacked the empty line. */
  readonly readBytes: number;
  readonly rest: AsyncIterable<Uint8Array>;
}

/**
 * Parts a mail into its header block, empty line included, and the rest of its bytes.
 * @throws RangeError where the header does not end within 1 MiB
 */
export async function readHeaderBlock(content: AsyncIterable<Uint8Array>): Promise<HeaderBlock> {
  const chunks = content[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  for (;;) {
    const next = await chunks.next();
    const isOver = next.done === true;
    if (!isOver) read = read.length === 0 ? Buffer.from(next.value) : Buffer.concat([read, next.value]);
    const end = read.subarray(0, 2).equals(headerEnd.subarray(2)) ? -2 : read.indexOf(headerEnd);
    if (end !== -1) {
      const header = read.subarray(0, end + 4);
      return { header, readBytes: header.length, rest: goOn(read.subarray(end + 4), chunks) };
    }
    if (isOver) {
      return { header: endHeader(read), readBytes: read.length, rest: goOn(Buffer.alloc(0), null) };
    }
    if (read.length > maxHeaderBytes) throw new RangeError('The header of the mail does not end');
  }
}

/** A mail without a body may lack the empty line, and even the end of its last line. */
function endHeader(read: Buffer): Buffer {
  const isLineEnded = read.subarray(-2).equals(headerEnd.subarray(2));
  return Buffer.concat([read, isLineEnded ? headerEnd.subarray(2) : headerEnd]);
}

async function* goOn(
  first: Buffer,
  chunks: AsyncIterator<Uint8Array> | null,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (first.length > 0) yield first;
    if (chunks === null) return;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    await chunks?.return?.();
  }
}

/** Takes out of To and Cc whoever is not in the envelope, and says who of the envelope is not shown. */
export function fitRecipientHeaders(header: Buffer, envelopeTo: readonly string[]): FittedHeaders {
  const members = new Set(envelopeTo.map((address) => comparable(address)));
  const shown = new Set<string>();
  const changes: MailChange[] = [];
  const fields = splitFields(header.toString('latin1')).map((field) => {
    const name = field.slice(0, field.indexOf(':')).trim();
    if (removedFields.has(name.toLowerCase())) {
      changes.push({ code: 'HEADER_REMOVED', detail: name });
      return '';
    }
    if (!shownFields.has(name.toLowerCase())) return field;
    return fitField(name, field, { members, shown, changes });
  });
  return {
    header: changes.length === 0 ? header : Buffer.from(`${fields.join('')}\r\n`, 'latin1'),
    hidden: envelopeTo.filter((address) => !shown.has(comparable(address))),
    changes,
  };
}

/** The header block with one Bcc field for these addresses; the same block where there are none. */
export function withBcc(header: Buffer, addresses: readonly string[]): Buffer {
  if (addresses.length === 0) return header;
  const field = `Bcc: ${addresses.join(',\r\n ')}\r\n`;
  return Buffer.concat([header.subarray(0, header.length - 2), Buffer.from(`${field}\r\n`, 'utf8')]);
}

interface Fitting {
  readonly members: ReadonlySet<string>;
  readonly shown: Set<string>;
  readonly changes: MailChange[];
}

function fitField(name: string, field: string, { members, shown, changes }: Fitting): string {
  const value = field.slice(field.indexOf(':') + 1).replaceAll('\r\n', '');
  const mailboxes = addressParser(Buffer.from(value, 'latin1').toString('utf8'), { flatten: true });
  const kept: string[] = [];
  for (const { name: phrase, address = '' } of mailboxes) {
    if (members.has(comparable(address))) {
      shown.add(comparable(address));
      kept.push(writeMailbox(phrase, address));
    } else {
      // A name without an address would be looked up in the directory of the far side.
      changes.push({ code: 'HEADER_RECIPIENT_REMOVED', detail: `${name}: ${address || phrase}` });
    }
  }
  if (kept.length === mailboxes.length) return field;
  if (kept.length === 0) return '';
  return Buffer.from(`${name}: ${kept.join(',\r\n ')}\r\n`, 'utf8').toString('latin1');
}

const atoms = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+$/;
// "=?UTF-8?B?…?=" stays well within the 75 characters of RFC 2047 2.
const encodedWordBytes = 39;

/** The name that was read, written again: quoted where it must be, in encoded words beyond ASCII. */
function writeMailbox(phrase: string, address: string): string {
  const name = phrase.trim();
  if (name === '') return address;
  if (!/^[ -~]*$/.test(name) || name.includes('=?')) return `${encodeWords(name)} <${address}>`;
  if (atoms.test(name)) return `${name} <${address}>`;
  return `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}" <${address}>`;
}

function encodeWords(name: string): string {
  const words: string[] = [''];
  for (const [character] of name.matchAll(/[\s\S]/gu)) {
    const last = words.at(-1) ?? '';
    const isFull = Buffer.byteLength(last + character) > encodedWordBytes;
    if (isFull) words.push(character);
    else words[words.length - 1] = last + character;
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ');
}

function splitFields(header: string): string[] {
  const fields: string[] = [];
  for (const line of header.split('\r\n')) {
    if (line === '') continue;
    if (/^[ \t]/.test(line) && fields.length > 0) fields.push(`${fields.pop() ?? ''}${line}\r\n`);
    else fields.push(`${line}\r\n`);
  }
  return fields;
}

/** Servers treat local parts alike whatever their case; domains are alike in both their forms. */
function comparable(address: string): string {
  const lower = address.trim().toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 1) return lower;
  const domain = lower.slice(at + 1);
  return `${lower.slice(0, at)}@${domainToASCII(domain) || domain}`;
}
