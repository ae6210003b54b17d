import PostalMime, { type Attachment, type Email } from 'postal-mime';
import type { Context } from '../context.ts';
import { openStoredContent } from './stored-content.ts';

export interface AttachmentView {
  readonly fileName: string | null;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly isInline: boolean;
}

/** What the page of a message shows of its content. */
export interface MessageContent {
  /** As they go on the wire, encoded words decoded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Names of headers that settings fill when the mail starts. */
  readonly filledHeaders: readonly string[];
  readonly text: string | null;
  /**
   * As the caller wrote it, inline images as data: addresses. Only for `<iframe sandbox>` without any allowance and
   * under a policy that loads nothing: it is not cleaned.
   */
  readonly html: string | null;
  readonly attachments: readonly AttachmentView[];
  /** True: too large to be opened here; the download has it all. */
  readonly isTooLarge: boolean;
}

const openUpToBytes = 12_582_912;
const inlineUpToBytes = 4_194_304;

/** Reads and parses the content, for those who may. */
export async function getMessageContent(
  ctx: Context,
  input: { readonly project: string; readonly id: string },
): Promise<MessageContent> {
  const content = await openStoredContent(ctx, input);
  const isTooLarge = content.message.sizeBytes > openUpToBytes;
  const chunks: Buffer[] = [Buffer.from(content.headers)];
  if (!isTooLarge) for await (const slice of content.slices()) chunks.push(slice);
  const email = await PostalMime.parse(Buffer.concat(chunks), { maxNestingDepth: 50 });
  return {
    headers: email.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
    filledHeaders: content.filledHeaders,
    text: isTooLarge ? null : (email.text ?? null),
    html: isTooLarge || email.html === undefined ? null : withInlineImages(email.html, email),
    attachments: isTooLarge ? [] : email.attachments.map(presentAttachment),
    isTooLarge,
  };
}

function presentAttachment(attachment: Attachment): AttachmentView {
  return {
    fileName: attachment.filename,
    contentType: attachment.mimeType,
    sizeBytes: bytesOf(attachment).length,
    isInline: attachment.related === true || attachment.disposition === 'inline',
  };
}

// A sandboxed page may load nothing, so images of the mail itself come along in it.
function withInlineImages(html: string, email: Email): string {
  let budget = inlineUpToBytes;
  let shown = html;
  for (const attachment of email.attachments) {
    const bytes = bytesOf(attachment);
    const isImage = /^image\/(?:png|jpeg|gif|webp|bmp|avif)$/.test(attachment.mimeType);
    if (attachment.contentId === undefined || !isImage || bytes.length > budget) continue;
    budget -= bytes.length;
    const id = attachment.contentId.replaceAll(/^<|>$/g, '');
    shown = shown.replaceAll(`cid:${id}`, `data:${attachment.mimeType};base64,${bytes.toString('base64')}`);
  }
  return shown;
}

function bytesOf(attachment: Attachment): Buffer {
  const { content } = attachment;
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content));
}
