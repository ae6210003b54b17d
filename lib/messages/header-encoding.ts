/** How values are written into header lines: RFC 5322 folding, RFC 2047 encoded words, RFC 2231 parameters. */

const lineWidth = 76;
// "Subject: =?UTF-8?B?…?=" stays within a line: 52 characters of base64, 39 bytes.
const encodedWordBytes = 39;
const printableAscii = /^[\x20-\x7e]*$/;
const atoms = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/** Everything that a reader could take for the end of a line, or that Postgres and mail cannot carry. */
export const controlCharacters = /[\p{Cc}\u2028\u2029]/u;

/** One header line, folded, with its CRLF. `value` is already encoded and has no line breaks. */
export function headerLine(name: string, value: string): string {
  const plain = `${name}: ${value}`;
  if (plain.length <= lineWidth) return `${plain}\r\n`;
  return `${fold(plain, name.length + 2)}\r\n`;
}

// Breaks only at single spaces, so that unfolding gives the same value back. Never right after the name: a line of
// nothing but the name is legal and yet upsets old servers.
function fold(plain: string, firstBreak: number): string {
  const lines: string[] = [];
  let start = 0;
  let earliest = firstBreak;
  while (plain.length - start > lineWidth) {
    let at = plain.lastIndexOf(' ', start + lineWidth);
    if (at <= Math.max(start, earliest - 1)) at = plain.indexOf(' ', Math.max(start + lineWidth, earliest));
    if (at === -1) break;
    lines.push(plain.slice(start, at));
    start = at;
    earliest = 0;
  }
  lines.push(plain.slice(start));
  return lines.join('\r\n');
}

/** Free text (Subject, a display name) as the ASCII of a header; decoding gives exactly the same text back. */
export function encodeText(text: string): string {
  if (isPlain(text)) return text;
  return encodeWords(text);
}

function isPlain(text: string): boolean {
  if (!printableAscii.test(text) || text.includes('=?') || text.includes('  ')) return false;
  if (text !== text.trim()) return false;
  return text.length <= 60 || text.split(' ').every((word) => word.length <= 60);
}

function encodeWords(text: string): string {
  const words: string[] = [];
  let piece = '';
  let bytes = 0;
  for (const character of text) {
    const size = Buffer.byteLength(character);
    if (bytes + size > encodedWordBytes) {
      words.push(piece);
      piece = '';
      bytes = 0;
    }
    piece += character;
    bytes += size;
  }
  words.push(piece);
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

/** A display name as an RFC 5322 phrase. */
export function encodePhrase(name: string): string {
  if (atoms.test(name) && isPlain(name)) return name;
  if (isPlain(name) && name.length <= 60) return `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  return encodeWords(name);
}

/** `Name <address>` with the name encoded; a name of nothing is left out. */
export function encodeMailbox(mailbox: { readonly name: string; readonly address: string }): string {
  if (mailbox.name === '') return mailbox.address;
  return `${encodePhrase(mailbox.name)} <${mailbox.address}>`;
}

/**
 * A parameter of Content-Type or Content-Disposition, with its leading `; `. Beyond ASCII it is written in the
 * numbered pieces of RFC 2231.
 */
export function encodeParameter(name: string, value: string): string {
  if (printableAscii.test(value) && value.length <= 60) {
    return `; ${name}="${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  }
  const pieces: string[] = [];
  let piece = `utf-8''`;
  for (const character of value) {
    const encoded = percentEncode(character);
    if (piece.length + encoded.length > 60) {
      pieces.push(piece);
      piece = '';
    }
    piece += encoded;
  }
  pieces.push(piece);
  return pieces.map((text, index) => `; ${name}*${index}*=${text}`).join('');
}

function percentEncode(character: string): string {
  if (/^[A-Za-z0-9._-]$/.test(character)) return character;
  return [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
