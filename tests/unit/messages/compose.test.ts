import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { encodeTextBody } from '#lib/messages/encode-body.ts';
import { encodeText, headerLine } from '#lib/messages/header-encoding.ts';
import { composed, sender, wire } from './mail-builder.ts';

const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };
const printable = fc
  .string({ unit: 'grapheme', maxLength: 200 })
  .map((text) => text.replaceAll(/[\p{C}\u2028\u2029]/gu, ''));

test('a subject comes out as it went in, in lines of at most 78 characters', async () => {
  await fc.assert(
    fc.asyncProperty(printable, async (subject) => {
      const mail = composed({ ...letter, subject });
      expect(mail.headers).toMatch(/^[\x20-\x7e\r\n]*$/);
      for (const line of mail.headers.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
      const parsed = await PostalMime.parse(wire(mail));
      expect(parsed.subject ?? '').toBe(subject);
    }),
    { numRuns: 300 },
  );
});

test('names come out as they went in', async () => {
  const names = printable.map((name) => name.trim()).filter((name) => name !== '');
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      const parsed = await PostalMime.parse(
        wire(composed({ ...letter, to: { name, address: 'ada@example.com' } })),
      );
      expect(parsed.to).toEqual([{ name, address: 'ada@example.com' }]);
    }),
    { numRuns: 300 },
  );
});

test('text and HTML come out as they went in, in 7-bit lines', async () => {
  const body = fc
    .string({ unit: 'grapheme', maxLength: 2_000 })
    .map((text) => text.replaceAll(/[\r\0]/g, ''));
  await fc.assert(
    fc.asyncProperty(body, body, async (text, html) => {
      const mail = composed({ ...letter, text: `${text}x`, html: `${html}x` });
      const parsed = await PostalMime.parse(wire(mail));
      expect(parsed.text?.replaceAll('\r\n', '\n').replace(/\n$/, '')).toBe(`${text}x`.toWellFormed());
      expect(parsed.html?.replaceAll('\r\n', '\n').replace(/\n$/, '')).toBe(`${html}x`.toWellFormed());
      for (const line of mail.body.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
    }),
    { numRuns: 200 },
  );
});

test('plain text stays readable, the rest is encoded in the shorter way', () => {
  expect(encodeTextBody('Good\nmorning')).toEqual({ encoding: '7bit', text: 'Good\r\nmorning\r\n' });
  expect(encodeTextBody('Schöne Grüße aus Berlin').encoding).toBe('quoted-printable');
  expect(encodeTextBody('おはようございます').encoding).toBe('base64');
  // Beyond a megabyte the quick way wins over the short one.
  expect(encodeTextBody('x'.repeat(1_048_577)).encoding).toBe('base64');
  expect(encodeTextBody('blank at the end \nnext').encoding).toBe('quoted-printable');
  expect(encodeTextBody('x'.repeat(2_000)).encoding).toBe('quoted-printable');
});

test('attachments and inline images stand where readers look for them', async () => {
  const content = Buffer.from('inline').toString('base64');
  const mail = composed({
    ...letter,
    html: '<img src="cid:logo">',
    attachments: [
      { filename: 'logo.png', contentType: 'image/png', content, contentId: 'logo' },
      { filename: 'Übersicht "Q3" für Ada.pdf', contentType: 'application/pdf', content },
    ],
  });
  const parsed = await PostalMime.parse(wire(mail));
  expect(parsed.attachments).toMatchObject([
    { filename: 'logo.png', contentId: '<logo>', disposition: 'inline', related: true },
    { filename: 'Übersicht "Q3" für Ada.pdf', disposition: 'attachment' },
  ]);
});

test('a message to Bcc only shows nobody (PRODUCT 4.9)', () => {
  const message = wire(composed({ subject: 'x', text: 'y', bcc: ['eve@example.com'] }));
  expect(message).not.toContain('eve');
  expect(message).toContain('To: undisclosed-recipients:;\r\n');
});

test('what settings fill is left out, and filled when the mail starts (PRODUCT 4.7)', () => {
  const mail = composed(letter);
  expect(mail.filledHeaders).toEqual(['from', 'reply-to']);
  expect(mail.headers).not.toMatch(/^(?:From|Reply-To):/m);
  const later = { name: 'Müller, Service', address: 'service@example.com', replyTo: 'desk@example.com' };
  expect(wire(mail, { ...sender, ...later, replyTo: null })).toContain('<service@example.com>');
  const given = composed({ ...letter, from: 'Ada <ada@example.com>', replyTo: 'x@example.com' });
  expect(given.filledHeaders).toEqual([]);
  expect(wire(given)).toContain('From: Ada <ada@example.com>\r\n');
});

test('a long list of references folds and unfolds to the same', () => {
  const references = Array.from({ length: 40 }, (_, index) => `<message-${index}@mail.example.com>`).join(
    ' ',
  );
  const line = headerLine('References', references);
  expect(Math.max(...line.split('\r\n').map((part) => part.length))).toBeLessThanOrEqual(78);
  expect(line.replaceAll('\r\n', '')).toBe(`References: ${references}`);
});

test('what looks like an encoded word is shown as it was written', () => {
  expect(encodeText('=?utf-8?Q?trick?=')).not.toBe('=?utf-8?Q?trick?=');
});
