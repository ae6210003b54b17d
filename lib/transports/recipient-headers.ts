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

/**
 * Parts a mail into its header block, empty line included, and the rest of its bytes.
 * @throws RangeError where the header does not end within 1 MiB
 */
export async function readHeaderBlock(
  content: AsyncIterable<Uint8Array>,
): Promise<{ readonly header: Buffer; readonly rest: AsyncIterable<Uint8Array> }> {
  const chunks = content[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  for (;;) {
    const next = await chunks.next();
    const isOver = next.done === true;
    if (!isOver) read = read.length === 0 ? Buffer.from(next.value) : Buffer.concat([read, next.value]);
    const end = read.subarray(0, 2).equals(headerEnd.subarray(2)) ? -2 : read.indexOf(headerEnd);
    if (end !== -1) return { header: read.subarray(0, end + 4), rest: goOn(read.subarray(end + 4), chunks) };
    if (isOver) return { header: Buffer.concat([read, headerEnd]), rest: goOn(Buffer.alloc(0), null) };
    if (read.length > maxHeaderBytes) throw new RangeError('The header of the mail does not end');
  }
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

const phraseWord = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+|=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=)$/;

/** The name as it stood: encoded words stay what they are, everything else is quoted where it must be. */
function writeMailbox(phrase: string, address: string): string {
  const name = phrase.trim();
  if (name === '') return address;
  if (name.split(/\s+/).every((word) => phraseWord.test(word))) return `${name} <${address}>`;
  return `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}" <${address}>`;
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
