import { newId, type NewMessage } from './mailbox.ts';
import { Refusal, unpublished } from './refusal.ts';
import { sendMailBody, type SentMessage } from './schema.ts';
import { limits } from './settings.ts';

/** What the readers of bodies need of a request. */
interface Body {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** The type without its parameters; only those that Graph takes here. */
export function contentType(call: Pick<Body, 'headers'>): string {
  const type = (call.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
  if (type === 'text/plain' || type === 'application/json') return type;
  throw unpublished(`No content of type "${type}" is taken`);
}

/** MIME as it was before its Base64, which is checked to the letter. */
export function fromBase64(body: Buffer): Buffer {
  const text = body.toString('latin1');
  if (text.length === 0 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw new Refusal(400, 'ErrorMimeContentInvalidBase64String', 'Invalid base64 string for MIME content.');
  }
  return Buffer.from(text, 'base64');
}

/** JSON of a published shape; anything beside it is refused. */
export function parse<Shape>(
  schema: { safeParse(value: unknown): { success: true; data: Shape } | { success: false; error: Error } },
  call: Body,
): Shape {
  if (contentType(call) !== 'application/json') throw unpublished('JSON is wanted here');
  let given: unknown = null;
  try {
    given = JSON.parse(call.body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'BadRequest', 'Unable to read JSON request payload.');
  }
  const result = schema.safeParse(given);
  if (!result.success) throw unpublished(result.error.message);
  return result.data;
}

/** A whole mail as JSON. */
export function readJson(body: Buffer, mailboxAddress: string): NewMessage {
  const headers = { 'content-type': 'application/json' };
  const { message, saveToSentItems = true } = parse(sendMailBody, { headers, body });
  const own = message.internetMessageHeaders ?? [];
  if (own.length > limits.ownHeaders || !own.every(({ name }) => /^x-/i.test(name))) {
    throw new Refusal(
      400,
      'InvalidInternetMessageHeader',
      'The internet message header should start with x-.',
    );
  }
  const internetMessageId = message.internetMessageId ?? `<${newId()}@prod.outlook.test>`;
  const text = message.body.content.replaceAll(/\r?\n/g, '\r\n');
  return {
    internetMessageId,
    from: message.from?.emailAddress.address ?? mailboxAddress,
    to: addresses([...(message.toRecipients ?? []), ...(message.ccRecipients ?? [])]),
    bcc: addresses(message.bccRecipients ?? []),
    subject: message.subject,
    properties: new Map((message.singleValueExtendedProperties ?? []).map(({ id, value }) => [id, value])),
    attachments: (message.attachments ?? []).map((file) => storedFile(file)),
    content: `Message-ID: ${internetMessageId}\r\nSubject: ${message.subject}\r\n\r\n${text}`,
    keepsCopy: saveToSentItems,
  };
}

function addresses(recipients: NonNullable<SentMessage['toRecipients']>): string[] {
  return recipients.map(({ emailAddress }) => emailAddress.address);
}

export function storedFile(file: NonNullable<SentMessage['attachments']>[number]) {
  return {
    name: file.name,
    contentType: file.contentType ?? 'application/octet-stream',
    contentId: file.contentId ?? null,
    isInline: file.isInline ?? false,
    bytes: Buffer.from(file.contentBytes, 'base64'),
  };
}
