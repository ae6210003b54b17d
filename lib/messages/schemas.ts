import { z } from 'zod';
import { controlCharacters } from './header-encoding.ts';
import { callerHeaderFault } from './caller-headers.ts';
import { contentTypeFault, fileNameFault } from './attachment-names.ts';
import { type Mailbox, normalAddress, parseMailbox } from './mailbox.ts';

/** What a caller hands in. The API's description is made from these schemas, so their words are read by people. */

export const maxRecipients = 1_000;
export const maxBatch = 500;
const maxAttachments = 200;

function text(name: string, max: number) {
  return z
    .string()
    .max(max, `${name} has at most ${max} characters.`)
    .refine((value) => value.isWellFormed(), `${name} is not valid Unicode text.`);
}

/** One line: nothing in it can end a header, or is refused by the database. */
function line(name: string, max: number) {
  return text(name, max).refine(
    (value) => !controlCharacters.test(value),
    `${name} is one line, without control characters.`,
  );
}

const notAnAddress = 'This is not an e-mail address. Write a@example.com or Name <a@example.com>.';

const mailboxText = line('An address', 700)
  .transform((value, context): Mailbox => {
    const mailbox = parseMailbox(value);
    if (mailbox !== null && mailbox.name.length <= 200) return mailbox;
    context.addIssue(mailbox === null ? notAnAddress : 'A name has at most 200 characters.');
    return z.NEVER;
  })
  .meta({
    description: 'An address, bare or as `Name <a@example.com>`',
    examples: ['Ada <ada@example.com>'],
  });

const mailboxObject = z
  .strictObject({
    address: line('An address', 320),
    name: line('A name', 200).default(''),
  })
  .transform((value, context): Mailbox => {
    const address = normalAddress(value.address.trim());
    if (address !== null) return { name: value.name.trim(), address };
    context.addIssue({ code: 'custom', path: ['address'], message: notAnAddress });
    return z.NEVER;
  });

const mailbox = z.union([mailboxText, mailboxObject]);

/** One mailbox or a list of them. */
function mailboxes(what: string) {
  const list = z.array(mailbox).max(maxRecipients, `${what} has at most ${maxRecipients} addresses.`);
  return z.union([list, mailbox]).transform((value) => (Array.isArray(value) ? value : [value]));
}

const headerValue = line('A header', 4_000);

const headers = z
  .record(
    z.string(),
    z.union([headerValue, z.array(headerValue).max(50, 'A header stands at most 50 times.')]),
  )
  .superRefine((given, context) => {
    const names = Object.keys(given);
    if (names.length > 100) context.addIssue('A message has at most 100 headers of its own.');
    for (const name of names) {
      const fault = callerHeaderFault(name, [given[name] ?? []].flat());
      if (fault !== null) context.addIssue({ code: 'custom', path: [name], message: fault });
    }
  })
  .meta({
    description:
      'Further headers, such as `In-Reply-To`, `References`, `List-Unsubscribe` or `X-…`. Those that Mailroom writes itself are refused.',
  });

const base64 = z
  .string()
  .transform((value, context) => {
    const dense = /\s/.test(value) ? value.replaceAll(/\s+/g, '') : value;
    if (dense.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(dense)) return dense;
    context.addIssue('This is not base64.');
    return z.NEVER;
  })
  .meta({ description: 'The bytes in base64', contentEncoding: 'base64' });

const attachment = z.strictObject({
  filename: line('A file name', 200)
    .min(1, 'A file name is needed.')
    .superRefine((name, context) => {
      const fault = fileNameFault(name);
      if (fault !== null) context.addIssue(fault);
    }),
  contentType: line('A content type', 200)
    .superRefine((type, context) => {
      const fault = contentTypeFault(type);
      if (fault !== null) context.addIssue(fault);
    })
    .default('application/octet-stream'),
  content: base64,
  contentId: z
    .string()
    .regex(
      /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~@-]{1,200}$/,
      "A content ID has letters, digits and .!#$%&'*+/=?^_`{|}~@- only, at most 200.",
    )
    .optional()
    .meta({ description: 'Makes it an inline part that HTML shows by `cid:`; without angle brackets' }),
});
export type AttachmentInput = z.output<typeof attachment>;

const instant = z.iso
  .datetime({ offset: true, error: 'This must be a time such as 2027-01-31T09:00:00Z.' })
  .transform((value) => new Date(value));

export const idempotencyKey = z
  .string()
  .regex(
    /^[\x21-\x7e]{1,255}$/,
    'An idempotency key has 1 to 255 printable ASCII characters, without spaces.',
  );

const handling = {
  category: line('A category', 64)
    .min(1, 'A category has at least one character.')
    .default('general')
    .meta({ description: 'The module that sends it; registered at its first use' }),
  priority: z
    .enum(['high', 'normal', 'low'])
    .default('normal')
    .meta({ description: 'Its place in the queue' }),
  tags: z
    .array(line('A tag', 64).min(1, 'A tag has at least one character.'))
    .max(20, 'A message has at most 20 tags.')
    .default([])
    .meta({ description: 'Lists filter by them' }),
  metadata: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'A metadata key has letters, digits, _ . - only, at most 64.'),
      text('A metadata value', 1_000).refine(
        (value) => !value.includes('\0'),
        'A metadata value has no NUL.',
      ),
    )
    .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= 2_048, 'Metadata has at most 2 KB in all.')
    .default({})
    .meta({ description: 'Flat texts by key, at most 2 KB in all; lists filter by them' }),
  sendAt: instant.optional().meta({ description: 'Not before; at most 366 days from now' }),
  expiresAt: instant.optional().meta({ description: 'Not after: what has not been sent by then expires' }),
  dryRun: z.boolean().default(false).meta({ description: 'Answers what would happen and stores nothing' }),
};

const composed = z
  .strictObject({
    from: mailbox.optional().meta({ description: "The project's sender when absent" }),
    to: mailboxes('To')
      .default([])
      .meta({ description: 'One address or a list of them; at least one in to, cc or bcc' }),
    cc: mailboxes('Cc').default([]).meta({ description: 'Like to' }),
    bcc: mailboxes('Bcc').default([]).meta({ description: 'Like to; shown to nobody' }),
    replyTo: mailboxes('Reply-To').optional().meta({ description: "The settings' Reply-To when absent" }),
    subject: line('A subject', 998).default('').meta({ description: 'One line' }),
    text: z.string().optional().meta({ description: 'The message as plain text' }),
    html: z
      .string()
      .optional()
      .meta({ description: 'The message as HTML; with text beside it, readers choose' }),
    attachments: z
      .array(attachment)
      .max(maxAttachments, `A message has at most ${maxAttachments} attachments.`)
      .default([]),
    headers: headers.default({}),
    ...handling,
  })
  .superRefine((mail, context) => {
    const count = mail.to.length + mail.cc.length + mail.bcc.length;
    if (count === 0)
      context.addIssue({ code: 'custom', path: ['to'], message: 'A message needs a recipient.' });
    if (count > maxRecipients) {
      context.addIssue({
        code: 'custom',
        path: ['to'],
        message: `A message has at most ${maxRecipients} recipients.`,
      });
    }
    if (mail.text === undefined && mail.html === undefined && mail.attachments.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['text'],
        message: 'A message needs text, html or an attachment.',
      });
    }
  });

const envelopeAddress = line('An address', 320).transform((value, context) => {
  const address = normalAddress(value.trim());
  if (address !== null) return address;
  context.addIssue('This is not an e-mail address; an envelope has bare addresses.');
  return z.NEVER;
});

const finished = z.strictObject({
  mime: z
    .string()
    .min(1, 'A finished message is needed.')
    .meta({ description: 'The finished MIME message, as text or in base64' }),
  envelope: z.strictObject({
    from: z
      .union([z.literal(''), envelopeAddress])
      .optional()
      .meta({ description: 'The reverse path; the From address when absent, the null sender when empty' }),
    to: z
      .array(envelopeAddress)
      .min(1, 'A message needs a recipient.')
      .max(maxRecipients, `A message has at most ${maxRecipients} recipients.`),
  }),
  ...handling,
});

export type ComposedInput = z.output<typeof composed>;
export type FinishedInput = z.output<typeof finished>;
export const composedMessage = composed;
export const finishedMessage = finished;
