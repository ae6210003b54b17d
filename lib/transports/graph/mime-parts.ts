import { setImmediate as nextTurn } from 'node:timers/promises';
import PostalMime from 'postal-mime';

/** A part that goes to Graph by itself, because the mail does not fit one request with it. */
export interface PartApart {
  readonly name: string;
  readonly contentType: string;
  readonly isInline: boolean;
  readonly contentId: string | null;
  readonly sizeBytes: number;
  /** The decoded content piece by piece. */
  open(): Iterable<Buffer>;
}

export interface PartedMime {
  /** The mail without those parts: still whole MIME, with all its headers. */
  readonly mime: Buffer;
  readonly parts: readonly PartApart[];
}

interface Leaf {
  /** From its delimiter line to the next one. */
  readonly from: number;
  readonly to: number;
  readonly header: string;
  readonly bodyFrom: number;
  readonly bodyTo: number;
}

const maxDepth = 20;
/** Their parts belong together: a signature covers its neighbour, a report explains it. */
const wholeTypes = /^multipart\/(?:signed|encrypted|report)\b/i;

/**
 * Takes out the largest attachments until the rest has at most `maxBytes`. Null where it cannot get that small: its
 * text alone is larger, or what is large must not be taken apart.
 */
export async function partMime(mime: Buffer, maxBytes: number): Promise<PartedMime | null> {
  const leaves = attachmentsOf(mime).toSorted((a, b) => b.to - b.from - (a.to - a.from));
  let sizeBytes = mime.length;
  const taken: Leaf[] = [];
  for (const leaf of leaves) {
    if (sizeBytes <= maxBytes) break;
    taken.push(leaf);
    sizeBytes -= leaf.to - leaf.from;
  }
  if (sizeBytes > maxBytes) return null;
  taken.sort((a, b) => a.from - b.from);
  const kept: Buffer[] = [];
  let at = 0;
  for (const { from, to } of taken) {
    kept.push(mime.subarray(at, from));
    at = to;
  }
  kept.push(mime.subarray(at));
  return {
    mime: Buffer.concat(kept),
    parts: await Promise.all(taken.map((leaf) => describePart(mime, leaf))),
  };
}

/** Parts that may go by themselves: files and inline images, never what people read, nor the last part of its kind. */
function attachmentsOf(mime: Buffer): Leaf[] {
  const found: Leaf[] = [];
  const walk = (from: number, to: number, depth: number): void => {
    const { header, bodyFrom } = headerAt(mime, from, to);
    const type = contentType(header);
    const boundary = boundaryOf(header);
    if (!/^multipart\//i.test(type) || wholeTypes.test(type) || boundary === null || depth > maxDepth) return;
    const places = delimiters(mime, bodyFrom, to, boundary);
    const children = places.slice(0, -1).map((place, index) => {
      const end = places[index + 1]?.lineFrom ?? to;
      return {
        from: place.lineFrom,
        to: end,
        ...headerAt(mime, place.partFrom, end),
        partFrom: place.partFrom,
      };
    });
    for (const [index, child] of children.entries()) {
      if (/^multipart\//i.test(contentType(child.header))) walk(child.partFrom, child.to, depth + 1);
      // The first part is the one that is read; a multipart must keep at least one.
      else if (index > 0 && !/^multipart\/alternative\b/i.test(type)) {
        found.push({ ...child, bodyTo: Math.max(child.bodyFrom, child.to - 2) });
      }
    }
  };
  walk(0, mime.length, 0);
  return found;
}

function headerAt(mime: Buffer, from: number, to: number): { header: string; bodyFrom: number } {
  if (mime.subarray(from, from + 2).equals(lineEnd)) return { header: '', bodyFrom: from + 2 };
  const end = mime.subarray(from, to).indexOf('\r\n\r\n');
  const bodyFrom = end === -1 ? to : from + end + 4;
  return { header: mime.toString('latin1', from, bodyFrom), bodyFrom };
}

const lineEnd = Buffer.from('\r\n');

function contentType(header: string): string {
  const field = /^content-type:(?<value>(?:[^\r]|\r\n[ \t])*)/im.exec(header)?.groups?.['value'] ?? '';
  return field.replaceAll(/\r\n/g, '').trim() || 'text/plain';
}

function boundaryOf(header: string): string | null {
  const found = /;\s*boundary=(?:"(?<quoted>[^"]+)"|(?<plain>[^\s;]+))/i.exec(contentType(header))?.groups;
  return found?.['quoted'] ?? found?.['plain'] ?? null;
}

/** The delimiter lines of one multipart; the last one is the closing one, or the end where it is missing. */
function delimiters(
  mime: Buffer,
  from: number,
  to: number,
  boundary: string,
): { lineFrom: number; partFrom: number }[] {
  const places: { lineFrom: number; partFrom: number }[] = [];
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  for (let at = mime.indexOf(mark, from); at !== -1 && at < to; at = mime.indexOf(mark, at + mark.length)) {
    const isLineStart = at === from || mime.subarray(at - 2, at).equals(lineEnd);
    const after = mime.toString('latin1', at + mark.length, at + mark.length + 2);
    if (!isLineStart || (after !== '--' && !/^[\r \t]/.test(after))) continue;
    const next = mime.indexOf('\r\n', at);
    places.push({ lineFrom: at, partFrom: next === -1 ? to : next + 2 });
    if (after === '--') return places;
  }
  return [...places, { lineFrom: to, partFrom: to }];
}

async function describePart(mime: Buffer, leaf: Leaf): Promise<PartApart> {
  const raw = mime.subarray(leaf.bodyFrom, leaf.bodyTo);
  const encoding = /^content-transfer-encoding:\s*(?<name>[\w-]+)/im.exec(leaf.header)?.groups?.['name'];
  const name = encoding?.toLowerCase() ?? '7bit';
  const open = (): Iterable<Buffer> => decode(raw, name);
  // A reader of whole mails reads the names of one part too, in whatever way they are encoded.
  const { attachments } = await PostalMime.parse(leaf.header, { forceRfc822Attachments: true });
  const [facts] = attachments;
  const contentId = facts?.contentId?.replaceAll(/^<|>$/g, '') ?? null;
  const type = contentType(leaf.header).split(';', 1)[0] ?? '';
  return {
    name: facts?.filename ?? (/^message\/rfc822/i.test(type) ? 'message.eml' : 'attachment'),
    contentType: type,
    isInline: contentId !== null && /^content-disposition:\s*inline/im.test(leaf.header),
    contentId,
    sizeBytes: await decodedBytes(raw, name),
    open,
  };
}

const pieceBytes = 256 * 1024;

/** How long the decoded content is. Others of this process take their turn meanwhile: an attachment may have 150 MB. */
async function decodedBytes(raw: Buffer, encoding: string): Promise<number> {
  if (encoding !== 'base64') return [...decode(raw, encoding)].reduce((sum, { length }) => sum + length, 0);
  let digits = 0;
  for (let at = 0; at < raw.length; at += pieceBytes) {
    // By index: an iterator takes ten times as long.
    const end = Math.min(at + pieceBytes, raw.length);
    for (let index = at; index < end; index += 1) digits += isBase64Digit[raw[index] ?? 0] ?? 0;
    await nextTurn();
  }
  return Math.floor((digits * 3) / 4);
}

const isBase64Digit = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

function decode(raw: Buffer, encoding: string): Iterable<Buffer> {
  if (encoding === 'base64') return decodeBase64(raw);
  return [encoding === 'quoted-printable' ? decodeQuotedPrintable(raw) : raw];
}

function decodeQuotedPrintable(raw: Buffer): Buffer {
  const text = raw
    .toString('latin1')
    .replaceAll(/[ \t]+\r\n/g, '\r\n')
    .replaceAll('=\r\n', '');
  return Buffer.from(text.replaceAll(/=([0-9A-F]{2})/gi, byteOf), 'latin1');
}

function byteOf(_whole: string, hex: string): string {
  return String.fromCodePoint(Number.parseInt(hex, 16));
}

function* decodeBase64(raw: Buffer): Iterable<Buffer> {
  let rest = '';
  for (let at = 0; at < raw.length; at += pieceBytes) {
    const digits = rest + raw.toString('latin1', at, at + pieceBytes).replaceAll(/[^A-Za-z0-9+/]/g, '');
    const whole = digits.length - (digits.length % 4);
    rest = digits.slice(whole);
    yield Buffer.from(digits.slice(0, whole), 'base64');
  }
  if (rest.length > 1) yield Buffer.from(rest, 'base64');
}
