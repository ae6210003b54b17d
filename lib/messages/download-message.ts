import type { Context } from '../context.ts';
import { openStoredContent } from './stored-content.ts';

export interface MessageDownload {
  readonly fileName: string;
  /** The message as it goes on the wire, byte for byte. */
  readonly bytes: () => AsyncGenerator<Uint8Array>;
}

/** The raw message as a stream, for those who may read content. */
export async function downloadMessage(
  ctx: Context,
  input: { readonly project: string; readonly id: string },
): Promise<MessageDownload> {
  const content = await openStoredContent(ctx, input);
  return {
    fileName: `${content.message.id}.eml`,
    async *bytes() {
      yield Buffer.from(content.headers);
      yield* content.slices();
    },
  };
}
