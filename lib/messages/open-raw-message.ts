import type { Context } from '../context.ts';
import { openStoredContent } from './stored-content.ts';

export interface RawMessage {
  /** Header block and body, slice by slice. */
  bytes(): AsyncGenerator<Uint8Array>;
}

/** The finished MIME message, streamed; for those who may read content. */
export async function openRawMessage(
  ctx: Context,
  input: { readonly project: string; readonly id: string },
): Promise<RawMessage> {
  const content = await openStoredContent(ctx, input);
  return {
    async *bytes() {
      yield Buffer.from(content.headers);
      yield* content.slices();
    },
  };
}
