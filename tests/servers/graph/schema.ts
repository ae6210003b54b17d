import { z } from 'zod';

/** The published shape of what is sent as JSON [microsoft.graph.message, fileAttachment, attachmentItem]; nothing else. */
const recipient = z.strictObject({
  emailAddress: z.strictObject({ name: z.string().optional(), address: z.string() }),
});

const property = z.strictObject({
  id: z.string().regex(/^(?:String|Boolean|Integer) (?:0x[0-9A-Fa-f]{1,4}|\{[0-9A-Fa-f-]{36}\} Name \S+)$/),
  value: z.string(),
});

export const fileAttachment = z.strictObject({
  '@odata.type': z.literal('#microsoft.graph.fileAttachment'),
  name: z.string().min(1),
  contentType: z.string().optional(),
  contentBytes: z.base64(),
  contentId: z.string().optional(),
  isInline: z.boolean().optional(),
});

const message = z.strictObject({
  subject: z.string(),
  body: z.strictObject({ contentType: z.enum(['text', 'html']), content: z.string() }),
  from: recipient.optional(),
  toRecipients: z.array(recipient).optional(),
  ccRecipients: z.array(recipient).optional(),
  bccRecipients: z.array(recipient).optional(),
  replyTo: z.array(recipient).optional(),
  internetMessageId: z.string().optional(),
  internetMessageHeaders: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  singleValueExtendedProperties: z.array(property).optional(),
  attachments: z.array(fileAttachment).optional(),
});

export const sendMailBody = z.strictObject({ message, saveToSentItems: z.boolean().optional() });
export type SentMessage = z.infer<typeof message>;

export const uploadSessionBody = z.strictObject({
  AttachmentItem: z.strictObject({
    attachmentType: z.literal('file'),
    name: z.string().min(1),
    size: z.int().positive(),
    contentType: z.string().optional(),
    contentId: z.string().optional(),
    isInline: z.boolean().optional(),
  }),
});
