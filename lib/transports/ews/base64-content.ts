/** Bytes that go into an element as Base64, with what stands around them, piece by piece. */
export interface EncodedContent {
  readonly before: string;
  readonly after: string;
  readonly contentBytes: number;
}

/** How many bytes it makes in all: the request must say so before the content is read. */
export function encodedBytes({ before, after, contentBytes }: EncodedContent): number {
  return Buffer.byteLength(before) + 4 * Math.ceil(contentBytes / 3) + Buffer.byteLength(after);
}

/**
 * The same, streamed: no more of the content is in memory than one of its chunks. What comes after the content is the
 * last piece, alone.
 * @throws RangeError where the content has not the size that was said
 */
export async function* encodeContent(
  { before, after, contentBytes }: EncodedContent,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, void> {
  let carried = Buffer.from(before, 'utf8');
  let left = Buffer.alloc(0);
  let read = 0;
  for await (const chunk of content) {
    read += chunk.byteLength;
    if (read > contentBytes) break;
    const bytes = Buffer.concat([left, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    left = bytes.subarray(whole);
    if (whole === 0) continue;
    yield Buffer.concat([carried, Buffer.from(bytes.toString('base64', 0, whole), 'latin1')]);
    carried = Buffer.alloc(0);
  }
  if (read !== contentBytes) throw new RangeError('The content has not the size that was said');
  const rest = Buffer.concat([carried, Buffer.from(left.toString('base64'), 'latin1')]);
  if (rest.length > 0) yield rest;
  yield Buffer.from(after, 'utf8');
}
