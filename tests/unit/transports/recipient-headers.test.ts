import { describe, expect, test } from 'vitest';
import { fitRecipientHeaders, readHeaderBlock, withBcc } from '#lib/transports/recipient-headers.ts';

function fit(lines: readonly string[], envelope: readonly string[]) {
  const header = Buffer.from([...lines, '', ''].join('\r\n'));
  const fitted = fitRecipientHeaders(header, envelope);
  return { ...fitted, text: fitted.header.toString('utf8'), isUntouched: fitted.header === header };
}

function word(text: string): string {
  return `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}

describe('PRODUCT 4.9: To and Cc name nobody outside the envelope', () => {
  test('where all are in it, not a byte changes', () => {
    const fitted = fit(
      ['Subject: x', 'To: "B, b" <B@Example.test>,', ' a@example.test'],
      ['a@example.test', 'b@example.test'],
    );
    expect(fitted).toMatchObject({ isUntouched: true, hidden: [], changes: [] });
  });

  test('header names A and B, envelope only A: B goes, and that is told', () => {
    const fitted = fit(['To: A <a@example.test>, "B, b" <b@example.test>', 'Subject: x'], ['a@example.test']);
    expect(fitted.text).toBe('To: A <a@example.test>\r\nSubject: x\r\n\r\n');
    expect(fitted.changes).toEqual([{ code: 'HEADER_RECIPIENT_REMOVED', detail: 'To: b@example.test' }]);
    expect(fitted.hidden).toEqual([]);
  });

  test('whoever is in the envelope alone is hidden', () => {
    const fitted = fit(['To: a@example.test', 'Subject: x'], ['a@example.test', 'c@example.test']);
    expect(fitted).toMatchObject({ isUntouched: true, hidden: ['c@example.test'] });
  });

  test('a mail for Bcc recipients only keeps no To', () => {
    const fitted = fit(['To: b@example.test', 'Subject: x'], ['c@example.test']);
    expect(fitted.text).toBe('Subject: x\r\n\r\n');
    expect(fitted.hidden).toEqual(['c@example.test']);
  });

  test('"undisclosed recipients" may stay', () => {
    expect(fit(['To: undisclosed-recipients:;'], ['c@example.test'])).toMatchObject({
      isUntouched: true,
      hidden: ['c@example.test'],
    });
  });

  test('members of a group count one by one', () => {
    const fitted = fit(['Cc: team: a@example.test, B <b@example.test>;'], ['b@example.test']);
    expect(fitted.text).toBe('Cc: B <b@example.test>\r\n\r\n');
  });

  test('names say what they said: quoted, encoded or beyond ASCII', () => {
    const fitted = fit(
      [
        String.raw`To: "A \"x\", y" <a@example.test>, =?utf-8?Q?J=C3=B6rg_K=2E?= <b@example.test>,`,
        ' Jörg <c@example.test>, x@example.test',
      ],
      ['a@example.test', 'b@example.test', 'c@example.test'],
    );
    expect(fitted.text.split('\r\n')).toEqual([
      String.raw`To: "A \"x\", y" <a@example.test>,`,
      ` ${word('Jörg K.')} <b@example.test>,`,
      ` ${word('Jörg')} <c@example.test>`,
      '',
      '',
    ]);
  });

  test.each([
    ['Bcc: a@example.test', 'HEADER_REMOVED', 'Bcc'],
    ['Resent-To: z@example.test', 'HEADER_REMOVED', 'Resent-To'],
    ['Apparently-To: z@example.test', 'HEADER_REMOVED', 'Apparently-To'],
    // Looked up in the directory, a name can be anybody.
    ['Cc: Everyone', 'HEADER_RECIPIENT_REMOVED', 'Cc: Everyone'],
  ])('"%s" goes', (line, code, detail) => {
    const fitted = fit(['Subject: x', line, 'To: a@example.test'], ['a@example.test']);
    expect(fitted.text).toBe('Subject: x\r\nTo: a@example.test\r\n\r\n');
    expect(fitted.changes).toEqual([{ code, detail }]);
  });

  test('a domain is the same in both its forms, and so is an address in any case', () => {
    expect(fit(['To: A@BÜCHER.example'], ['a@xn--bcher-kva.example'])).toMatchObject({
      isUntouched: true,
      hidden: [],
    });
  });
});

test('hidden recipients as one Bcc field', () => {
  const header = Buffer.from('Subject: x\r\n\r\n');
  expect(withBcc(header, ['a@example.test', 'b@example.test']).toString()).toBe(
    'Subject: x\r\nBcc: a@example.test,\r\n b@example.test\r\n\r\n',
  );
  expect(withBcc(header, [])).toBe(header);
});

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

async function read(text: string, size: number) {
  const { header, rest } = await readHeaderBlock(inPieces(text, size));
  const chunks: Uint8Array[] = [];
  for await (const chunk of rest) chunks.push(chunk);
  return [header.toString(), Buffer.concat(chunks).toString()];
}

describe('the header block', () => {
  test.each([1, 3, 7, 1000])('ends at the empty line, in pieces of %s bytes', async (size) => {
    expect(await read('A: b\r\n\r\nbody\r\n\r\nmore', size)).toEqual(['A: b\r\n\r\n', 'body\r\n\r\nmore']);
  });

  test.each([
    ['\r\nbody', '\r\n', 'body'],
    ['A: b\r\n', 'A: b\r\n\r\n', ''],
    ['A: b', 'A: b\r\n\r\n', ''],
  ])('of %j', async (text, header, body) => {
    expect(await read(text, 2)).toEqual([header, body]);
  });

  test('that does not end is refused', async () => {
    await expect(read('x'.repeat(2 * 1024 * 1024), 64 * 1024)).rejects.toThrow(RangeError);
  });
});
