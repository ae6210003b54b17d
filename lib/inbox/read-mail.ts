import PostalMime, { type Attachment } from 'postal-mime';
import { type InboxEntry, readEntry, readMailBytes } from './inbox-folder.ts';
import { addressWords } from './keep-mail.ts';

export interface InboxMail {
  readonly entry: InboxEntry;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly replyTo: readonly string[];
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text: string | null;
  /** As the mail brought it: show it only inside a sandbox, under `htmlPolicy`. */
  readonly html: string | null;
  readonly attachments: readonly InboxAttachment[];
}

export interface InboxAttachment {
  readonly name: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly isInline: boolean;
}

/**
 * The Content-Security-Policy under which a mail's HTML is shown, in a sandboxed frame without scripts: nothing is
 * fetched from anywhere, pictures come from the mail itself.
 */
export const htmlPolicy = [
  "default-src 'none'",
  'img-src data:',
  'font-src data:',
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** A mail's HTML as a document for the frame: the policy comes first, so nothing of the mail is read before it. */
export function framedHtml(html: string): string {
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${htmlPolicy}"><base target="_blank">${html}`;
}

/** A mail of the built-in inbox, parsed; null when there is none of that id. */
export async function readMail(folder: string, id: string): Promise<InboxMail | null> {
  const entry = await readEntry(folder, id);
  const bytes = await readMailBytes(folder, id);
  if (entry === null || bytes === null) return null;
  const mail = await PostalMime.parse(bytes);
  const attachments = mail.attachments ?? [];
  return {
    entry,
    to: (mail.to ?? []).map(addressWords),
    cc: (mail.cc ?? []).map(addressWords),
    replyTo: (mail.replyTo ?? []).map(addressWords),
    headers: mail.headers.map((header) => ({ name: header.originalKey, value: header.value })),
    text: mail.text ?? null,
    html: mail.html === undefined ? null : withOwnPictures(mail.html, attachments),
    attachments: attachments.map((attachment) => ({
      name: attachment.filename ?? 'unnamed',
      mimeType: attachment.mimeType,
      sizeBytes: contentBytes(attachment).length,
      isInline: attachment.related === true || attachment.disposition === 'inline',
    })),
  };
}

// A picture that the mail brings along is named by its Content-ID (RFC 2392); the policy allows data: only.
function withOwnPictures(html: string, attachments: readonly Attachment[]): string {
  const pictures = new Map(
    attachments
      .filter((attachment) => attachment.contentId !== undefined && attachment.mimeType.startsWith('image/'))
      .map((attachment) => [attachment.contentId?.replace(/^<|>$/g, '') ?? '', attachment]),
  );
  return html.replace(/\bcid:([^"'\s>)]+)/gi, (whole, id: string) => {
    const picture = pictures.get(decodedId(id));
    if (picture === undefined) return whole;
    return `data:${picture.mimeType};base64,${contentBytes(picture).toString('base64')}`;
  });
}

function decodedId(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function contentBytes(attachment: Attachment): Buffer {
  const { content } = attachment;
  if (typeof content === 'string') {
    return Buffer.from(content, attachment.encoding === 'base64' ? 'base64' : 'utf8');
  }
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(content);
}
