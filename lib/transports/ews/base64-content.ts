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

/** Bytes that are encoded at once; a multiple of three. */
const pieceBytes = 96 * 1024;

/**
 * The same, streamed: beside the chunk that was read no more than a piece is in memory. What comes after the content is
 * the last piece, alone.
 * @throws RangeError where the content has not the size that was said
 */
export async function* encodeContent(
  { before, after, contentBytes }: EncodedContent,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, void> {
  yield Buffer.from(before, 'utf8');
  let carried = Buffer.alloc(0);
  let read = 0;
  for await (const chunk of content) {
    read += chunk.byteLength;
    if (read > contentBytes) break;
    for (let at = 0; at < chunk.byteLength;) {
      const end = Math.min(chunk.byteLength, at + pieceBytes - carried.length);
      const piece = Buffer.concat([carried, chunk.subarray(at, end)]);
      const whole = piece.length - (piece.length % 3);
      carried = piece.subarray(whole);
      at = end;
      if (whole > 0) yield Buffer.from(piece.toString('base64', 0, whole), 'latin1');
    }
  }
  if (read !== contentBytes) throw new RangeError('The content has not the size that was said');
  if (carried.length > 0) yield Buffer.from(carried.toString('base64'), 'latin1');
  yield Buffer.from(after, 'utf8');
}
