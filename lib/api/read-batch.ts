import { z } from 'zod';
import { parseInput } from '../parse-input.ts';

const batch = z.strictObject({ messages: z.array(z.unknown()) });

/** The messages of a batch, each still unchecked. */
export function readBatch(body: unknown): readonly unknown[] {
  return parseInput(batch, body).messages;
}
