const textType = 25;
const headBytes = 20;

/**
 * A parameter of type text[] in Postgres's binary format (array_recv), which the driver takes for a Buffer: each text is
 * copied as it is, where a literal would be searched for quotes by both sides.
 */
export function binaryTexts(values: readonly string[]): Buffer {
  const lengths = values.map((value) => Buffer.byteLength(value));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, headBytes));
  // One dimension, no nulls, the type of its elements, how many there are, the index of the first.
  for (const [index, head] of [1, 0, textType, values.length, 1].entries())
    bytes.writeInt32BE(head, 4 * index);
  let place = headBytes;
  for (const [index, value] of values.entries()) {
    place = bytes.writeInt32BE(lengths[index] ?? 0, place);
    place += bytes.write(value, place);
  }
  return bytes;
}
