const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The line ahead of each mail of an mbox file (RFC 4155): an envelope sender and a UTC time as `asctime` writes it. */
export function mboxSeparator(sender: string, at: Date): Buffer {
  const [weekday, day, month, year, time] = at.toUTCString().replace(',', '').split(' ');
  const address = /^[\x21-\x7e]+$/.test(sender) ? sender : 'MAILER-DAEMON';
  return Buffer.from(`From ${address} ${weekday} ${month} ${day} ${time} ${year}\n`);
}

/**
 * A mail as an mbox file holds it: lines ended by LF, those that look like a separator quoted with one `>` more, which
 * can be taken back without loss ("mboxrd"), and a blank line at its end. One slice in memory at a time.
 */
export async function* mboxLines(slices: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const slice of slices) {
    const bytes = rest.length === 0 ? Buffer.from(slice) : Buffer.concat([rest, slice]);
    const end = bytes.lastIndexOf(lineFeed) + 1;
    if (end > 0) yield quoteLines(bytes.subarray(0, end));
    rest = bytes.subarray(end);
  }
  if (rest.length > 0) yield Buffer.concat([quoteLines(rest), Buffer.from('\n')]);
  yield Buffer.from('\n');
}

function quoteLines(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found;
    const next = found === -1 ? bytes.length : found + 1;
    const text = bytes.subarray(start, found > start && bytes[found - 1] === carriageReturn ? end - 1 : end);
    if (isSeparatorLike(text)) parts.push(Buffer.from('>'));
    parts.push(text);
    if (found !== -1) parts.push(Buffer.from('\n'));
    start = next;
  }
  return Buffer.concat(parts);
}

function isSeparatorLike(line: Buffer): boolean {
  let at = 0;
  while (line[at] === 0x3e) at += 1;
  return line.subarray(at, at + 5).toString('latin1') === 'From ';
}
