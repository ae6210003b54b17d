import { randomBytes } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import PostalMime from 'postal-mime';
import type { Delivery, StoredAttachment } from '../graph/mailbox.ts';

/** The mail of a delivery as one MIME message, with what was attached to its draft. */
export async function deliveredMime(delivery: Delivery): Promise<Buffer> {
  const { content, attachments } = delivery;
  // What came as JSON has no From field: Exchange itself writes such a mail.
  if (!/^from:/im.test(content.slice(0, content.indexOf('\r\n\r\n')))) return composed(delivery);
  const mime = Buffer.from(content, 'latin1');
  const { attachments: within } = await PostalMime.parse(mime);
  return withAttachments(mime, attachments.slice(within.length));
}

async function composed({ from, to, subject, content, attachments }: Delivery): Promise<Buffer> {
  const text = content.slice(content.indexOf('\r\n\r\n') + 4);
  const composer = new MailComposer({
    from,
    to: [...to],
    subject,
    messageId: /^message-id: (?<id>.*)\r$/im.exec(content)?.groups?.['id'],
    ...(text.trimStart().startsWith('<') ? { html: text } : { text }),
    attachments: attachments.map((file) => ({
      filename: file.name,
      contentType: file.contentType,
      content: file.bytes,
      ...(file.contentId === null ? {} : { cid: file.contentId }),
    })),
  });
  return composer.compile().build();
}

/** The same message as the first part of a new one, each file as a further part (RFC 2046 5.1.3). */
function withAttachments(mime: Buffer, files: readonly StoredAttachment[]): Buffer {
  if (files.length === 0) return mime;
  const end = mime.indexOf('\r\n\r\n');
  const fields = mime
    .subarray(0, end)
    .toString('latin1')
    .split(/\r\n(?![ \t])/);
  const ofPart = fields.filter((field) => /^content-/i.test(field));
  const ofMail = fields.filter((field) => !/^content-/i.test(field));
  const boundary = `demo-${randomBytes(12).toString('hex')}`;
  const head = [...ofMail, `Content-Type: multipart/mixed; boundary="${boundary}"`, '', `--${boundary}`];
  return Buffer.concat([
    Buffer.from([...head, ...ofPart, '', ''].join('\r\n'), 'latin1'),
    mime.subarray(end + 4),
    ...files.map((file) => Buffer.from(`\r\n--${boundary}\r\n${filePart(file)}`, 'utf8')),
    Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'),
  ]);
}

function filePart({ name, contentType, contentId, isInline, bytes }: StoredAttachment): string {
  const disposition = `${isInline ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(name)}`;
  return [
    `Content-Type: ${contentType}`,
    `Content-Disposition: ${disposition}`,
    ...(contentId === null ? [] : [`Content-ID: <${contentId}>`]),
    'Content-Transfer-Encoding: base64',
    '',
    bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n'),
  ].join('\r\n');
}
