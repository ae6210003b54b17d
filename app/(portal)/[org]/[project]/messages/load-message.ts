import type { Context } from '#lib/context.ts';
import { DomainError } from '#lib/errors.ts';
import { getMessageContent } from '#lib/messages/get-message-content.ts';
import { getMessageDialogue } from '#lib/messages/get-message-dialogue.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import type { LoadedMessage } from './message-detail.tsx';

/** Everything that the panel and the page of one message show; content only for those who may read it. */
export async function loadMessage(ctx: Context, project: string, id: string): Promise<LoadedMessage> {
  const message = await getMessage(ctx, { project, id });
  const dialogues = await getMessageDialogue(ctx, { project, id });
  if (!message.may.readContent) {
    return {
      message,
      dialogues,
      content: null,
      contentRefusal: 'Content is for operators and administrators.',
    };
  }
  try {
    const content = await getMessageContent(ctx, { project, id });
    return { message, dialogues, content, contentRefusal: null };
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'expired') throw error;
    return { message, dialogues, content: null, contentRefusal: error.message };
  }
}
