import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { DomainError } from '#lib/errors.ts';
import { type FinishedMail, readFinishedMail } from '#lib/messages/finished-mail.ts';
import { headerNames, wire } from './mail-builder.ts';

const facts = {
  newMessageId: () => '<new@example.com>',
  date: new Date('2026-11-21T10:00:00Z'),
  isSenderKept: () => true,
};

function read(mime: string, isSenderKept: (address: string) => boolean = () => true): FinishedMail {
  return readFinishedMail(mime, { ...facts, isSenderKept });
}

const plain =
  'From: Ada <ada@example.com>\r\nTo: bob@example.com\r\nCc: eve@example.com\r\nBcc: secret@example.com\r\n' +
  'Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\nDate: Sat, 21 Nov 2026 09:00:00 +0000\r\nMessage-ID: <own@example.com>\r\n' +
  'MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nHello\r\n';

function withPart(header: string): string {
  return `From: a@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n${header}\r\n\r\nHello\r\n--x--\r\n`;
}

describe('a finished message', () => {
  test('keeps its bytes but for Bcc', () => {
    const mail = read(plain);
    expect(mail.headers + '\r\n' + mail.body).toBe(plain.replace('Bcc: secret@example.com\r\n', ''));
    expect(mail).toMatchObject({
      internetMessageId: '<own@example.com>',
      subject: 'Grüße',
      fromAddress: 'ada@example.com',
      filledHeaders: ['reply-to'],
    });
    expect(mail.shownRecipients).toContainEqual({ address: 'secret@example.com', kind: 'bcc' });
  });

  test('with a header of a part beyond ASCII is refused: nobody could say what its bytes mean', () => {
    expect(() => read(withPart('Content-Disposition: attachment; filename="ö.txt"'))).toThrow(
      /Content-Disposition/,
    );
    expect(() => read(withPart('Content-Type: message/rfc822\r\n\r\nSubject: ö'))).toThrow(/Subject/);
    expect(read(withPart('Content-Type: text/plain')).body).toContain('Hello');
  });

  test('may come in base64', () => {
    expect(read(Buffer.from(plain).toString('base64'))).toEqual(read(plain));
  });

  test('gets Message-ID, Date and From where it has none', () => {
    const mail = read('Subject: x\r\n\r\nHello');
    expect(mail.internetMessageId).toBe('<new@example.com>');
    expect(headerNames(wire(mail))).toEqual(['From', 'Subject', 'Date', 'Message-ID']);
    expect(mail.filledHeaders).toEqual(['from', 'reply-to']);
  });

  test('gives up its From where the settings rewrite it, and keeps it as Reply-To (PRODUCT 2.17)', () => {
    const mail = read(plain, () => false);
    expect(mail.filledHeaders).toEqual(['from']);
    expect(mail.fromAddress).toBeNull();
    expect(mail.headers).toContain('Reply-To: ada@example.com\r\n');
    expect(mail.headers).not.toContain('From:');
  });

  test.each(['\n.\nMAIL FROM:<eve@example.com>\n', '\r.\r\n', '\r\n.\r\n', '\n\n.\r\n'])(
    'cannot smuggle a second mail by %j (RFC 5321 2.3.8)',
    (trick) => {
      const mail = read(`${plain}${trick}more`);
      expect(wire(mail).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    },
  );

  test.each([
    ['a NUL', `${plain}\0`],
    ['two From', `From: eve@example.com\r\n${plain}`],
    ['two senders in From', plain.replace('Ada <ada@example.com>', 'ada@example.com, eve@example.com')],
    [
      'a From that readers see in two ways',
      plain.replace('Ada <ada@example.com>', '<ada@example.com> <eve@example.com>'),
    ],
    ['a comment in From', plain.replace('Ada <ada@example.com>', 'ada@example.com (eve@example.com)')],
    ['a line that is no header', `From eve@example.com\r\n${plain}`],
    ['a header line of blanks', plain.replace('Cc:', 'X-A: b\r\n \r\nCc:')],
    ['bytes beyond ASCII in a header', plain.replace('Subject: ', 'Subject: ü')],
    ['a header line of 999', plain.replace('Subject: ', `Subject: ${'x'.repeat(999)}`)],
    ['a Message-ID that is none', plain.replace('<own@example.com>', 'own')],
    ['neither MIME nor base64', 'hello'],
  ])('is refused with %s', (_, mime) => {
    expect(() => read(mime)).toThrow(DomainError);
  });

  test('of 8 bits is encoded anew, part by part', async () => {
    const mail = read(
      'From: ada@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n' +
        'Content-Transfer-Encoding: 8bit\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n' +
        '--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: 8bit\r\n\r\nüü\r\n' +
        `--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>${'long '.repeat(300)}</p>\r\n--b--\r\n`,
    );
    expect(mail.body).toMatch(/^[\t\r\n\x20-\x7e]*$/);
    for (const line of mail.body.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
    const parsed = await PostalMime.parse(wire(mail));
    expect(parsed.text).toContain('Grüße');
    expect(parsed.html).toContain(`<p>${'long '.repeat(300)}</p>`);
    expect(parsed.attachments).toHaveLength(1);
  });

  test('of 8 bits that is signed is refused, for encoding would break it', () => {
    const signed = plain
      .replace('Hello', 'Grüße')
      .replace('MIME-Version', 'DKIM-Signature: v=1\r\nMIME-Version');
    expect(() => read(signed)).toThrow(DomainError);
    expect(read(signed.replace('Grüße', 'Hello')).headers).toContain('DKIM-Signature');
  });
});
