/** Bodies as 7-bit lines of at most 998 characters (RFC 2045), so that every server takes them unchanged. */

export interface EncodedBody {
  readonly encoding: '7bit' | 'quoted-printable' | 'base64';
  /** ASCII only, lines ended by CRLF, with a last CRLF. */
  readonly text: string;
}

const longestPlainLine = 500;
/** Quoted-printable takes 150 ms a megabyte, in which the process answers nobody; base64 takes a few. */
export const longestQuoted = 1_048_576;
const safeAscii = /^[\t\r\n\x20-\x7e]*$/;
const encodedLine = 76;

/** Encodes text in the shortest way that is safe: as it is, quoted-printable, or base64 where most of it is not ASCII. */
export function encodeTextBody(text: string): EncodedBody {
  const lines = text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
  if (isPlain(lines)) return { encoding: '7bit', text: endLine(lines.replaceAll('\n', '\r\n')) };
  const bytes = Buffer.from(lines.replaceAll('\n', '\r\n'));
  if (bytes.length <= longestQuoted && isMostlyAscii(bytes))
    return { encoding: 'quoted-printable', text: endLine(quotedPrintable(bytes)) };
  return { encoding: 'base64', text: wrapBase64(bytes.toString('base64')) };
}

// Blanks at a line's end and long lines are what relays change on the way.
function isPlain(text: string): boolean {
  if (!safeAscii.test(text) || /[ \t](?:\n|$)/.test(text)) return false;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    if (end - start > longestPlainLine) return false;
    start = end + 1;
  }
  return text.length - start <= longestPlainLine;
}

function isMostlyAscii(bytes: Buffer): boolean {
  let other = 0;
  for (const byte of bytes) if (byte > 0x7e || (byte < 0x20 && byte !== 0x0d && byte !== 0x0a)) other += 1;
  return other * 4 <= bytes.length;
}

function endLine(text: string): string {
  return text.endsWith('\r\n') ? text : `${text}\r\n`;
}

const hex = Array.from({ length: 256 }, (_, byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`);

/** Quoted-printable (RFC 2045 6.7) of text whose lines end in CRLF. */
export function quotedPrintable(bytes: Buffer): string {
  let out = '';
  let line = '';
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === 0x0d && bytes[index + 1] === 0x0a) {
      out += `${line}\r\n`;
      line = '';
      index += 1;
      continue;
    }
    const next = bytes[index + 1];
    const endsLine = next === undefined || (next === 0x0d && bytes[index + 2] === 0x0a);
    const piece = isLiteral(byte, endsLine) ? String.fromCodePoint(byte) : (hex[byte] ?? '');
    // One column stays free for the soft break.
    if (
      line.length + piece.length > encodedLine - 1 &&
      !(endsLine && line.length + piece.length === encodedLine)
    ) {
      out += `${line}=\r\n`;
      line = '';
    }
    line += piece;
  }
  return out + line;
}

function isLiteral(byte: number, endsLine: boolean): boolean {
  if (byte === 0x20 || byte === 0x09) return !endsLine;
  return byte > 0x20 && byte < 0x7f && byte !== 0x3d;
}

/** Base64 in lines of 76, each ended by CRLF. */
export function wrapBase64(dense: string): string {
  const lines: string[] = [];
  for (let start = 0; start < dense.length; start += encodedLine)
    lines.push(dense.slice(start, start + encodedLine));
  lines.push('');
  return lines.join('\r\n');
}
