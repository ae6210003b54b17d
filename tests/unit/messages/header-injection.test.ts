import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DomainError } from '#lib/errors.ts';
import { finishHeaders } from '#lib/messages/finish-headers.ts';
import { composed, headerNames, wire } from './mail-builder.ts';

const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };

// Whatever a field holds, the wire shows these headers and no other; X-Note and Content-ID only where they are given.
const expected = ['To', 'Subject', 'Date', 'Message-ID', 'MIME-Version', 'From'];
const possible = new Set([
  ...expected,
  'Cc',
  'Reply-To',
  'X-Note',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Content-Disposition',
  'Content-ID',
]);

const lineBreaks = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\u2028',
  '\u2029',
  '\u0085',
  '\v',
  '\f',
  '%0d%0a',
  '=0D=0A',
  '\\r\\n',
];
const smuggled = [
  'Bcc: eve@example.com',
  'X-Evil: 1',
  '\r\nsecond body',
  '.\r\nMAIL FROM:<eve@example.com>',
  ' folded',
  '=?utf-8?Q?=0D=0ABcc:_eve@example.com?=',
  '=?utf-8?B?DQpCY2M6IGV2ZUBleGFtcGxlLmNvbQ==?=',
  '"; name="x"; boundary="',
  '> <eve@example.com',
  "*=utf-8''%0d%0a",
];
const hostile = fc.oneof(
  fc
    .tuple(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom(...lineBreaks),
      fc.constantFrom(...smuggled),
    )
    .map(([head, lineBreak, tail]) => head + lineBreak + tail),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom(...smuggled),
);

const fields: Readonly<Record<string, (text: string) => object>> = {
  subject: (text) => ({ subject: text }),
  'to as text': (text) => ({ to: text }),
  'to with a name': (text) => ({ to: `${text} <ada@example.com>` }),
  'to, the address in brackets': (text) => ({ to: `Ada <${text}>` }),
  'cc name': (text) => ({ cc: [{ name: text, address: 'bob@example.com' }] }),
  'cc address': (text) => ({ cc: [{ address: text }] }),
  'cc domain': (text) => ({ cc: [`bob@${text}`] }),
  bcc: (text) => ({ bcc: [text] }),
  from: (text) => ({ from: { name: text, address: 'ada@example.com' } }),
  'reply-to': (text) => ({ replyTo: [`${text} <x@example.com>`] }),
  'header value': (text) => ({ headers: { 'X-Note': text } }),
  'header values': (text) => ({ headers: { 'X-Note': ['fine', text] } }),
  'header name': (text) => ({ headers: { [text]: 'x' } }),
  'attachment name': (text) => ({ attachments: [{ filename: text, content: 'aGk=' }] }),
  'attachment type': (text) => ({ attachments: [{ filename: 'a', contentType: text, content: 'aGk=' }] }),
  'attachment type parameter': (text) => ({
    attachments: [{ filename: 'a', contentType: `text/plain; charset="${text}"`, content: 'aGk=' }],
  }),
  'attachment content': (text) => ({ attachments: [{ filename: 'a', content: text }] }),
  'content id': (text) => ({
    html: '<p>',
    attachments: [{ filename: 'a', content: 'aGk=', contentId: text }],
  }),
  text: (text) => ({ text }),
  html: (text) => ({ html: text }),
};

test.each(Object.entries(fields))('nothing in %s adds a header, a part or a line of its own', (_, field) => {
  fc.assert(
    fc.property(hostile, (text) => {
      let mail;
      try {
        mail = composed({ ...letter, ...field(text) });
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError);
        return;
      }
      const message = wire(mail);
      const names = headerNames(message);
      const given = Object.keys(Object.entries(field(text)).find(([key]) => key === 'headers')?.[1] ?? {});
      for (const name of names) expect(possible.has(name) || given.includes(name)).toBe(true);
      for (const name of expected) expect(names.filter((other) => other === name)).toHaveLength(1);
      expect(names).not.toContain('Bcc');
      expect(message.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/);
      expect(mail.body).toMatch(/^[\t\r\n\x20-\x7e]*$/);
      for (const line of message.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
    }),
    { numRuns: 300 },
  );
});

test('settings cannot add a header either, whatever they hold', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (name, address, extra) => {
      const block = finishHeaders({
        headers: 'Subject: x\r\n',
        filledHeaders: ['from', 'reply-to'],
        sender: { name, address, replyTo: address },
        extra: [{ name: 'X-Mailroom-Original-Recipients', value: extra }],
      });
      expect(headerNames(block)).toEqual(['X-Mailroom-Original-Recipients', 'From', 'Reply-To', 'Subject']);
      expect(block.endsWith('\r\n\r\n')).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each([
  'From',
  'bcc',
  'CC',
  'Content-Type',
  'X-Mailroom-Id',
  'DKIM-Signature',
  'Resent-Bcc',
  'Received',
  'Bad Name',
  'Bad:Name',
  '',
])('the header %j is refused by name', (name) => {
  expect(() => composed({ ...letter, headers: { [name]: 'x' } })).toThrow(DomainError);
});
