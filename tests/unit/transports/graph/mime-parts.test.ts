import { describe, expect, test } from 'vitest';
import { partMime } from '#lib/transports/graph/mime-parts.ts';

const file = (name: string, body: string, headers = ''): string =>
  `Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=${name}\r\n${headers}\r\n${body}\r\n`;

function multipart(subtype: string, boundary: string, parts: readonly string[], preamble = ''): string {
  const body = parts.map((part) => `--${boundary}\r\n${part}`).join('');
  return `Content-Type: multipart/${subtype}; boundary=${boundary}\r\n\r\n${preamble}${body}--${boundary}--\r\n`;
}

const text = 'Content-Type: text/plain\r\n\r\nHello\r\n';
const large = 'x'.repeat(4000);

async function part(mime: string, maxBytes: number) {
  const result = await partMime(Buffer.from(mime, 'latin1'), maxBytes);
  if (result === null) return null;
  const parts = result.parts.map((taken) => ({
    ...taken,
    content: Buffer.concat([...taken.open()]).toString('latin1'),
  }));
  return { mime: result.mime.toString('latin1'), parts };
}

describe('taking attachments out of a mail', () => {
  test('only as many as must be, the largest first; the rest is untouched', async () => {
    const mime = `Subject: s\r\n${multipart('mixed', 'b', [text, file('a.pdf', large), file('b.pdf', 'small')])}`;
    const parted = await part(mime, 2000);
    expect(parted?.mime).toBe(`Subject: s\r\n${multipart('mixed', 'b', [text, file('b.pdf', 'small')])}`);
    expect(parted?.parts).toMatchObject([{ name: 'a.pdf', contentType: 'application/pdf', sizeBytes: 4000 }]);
  });

  test('inline images of a nested multipart, with their Content-ID', async () => {
    const image = `Content-Type: image/png\r\nContent-Disposition: inline; filename=i.png\r\nContent-ID: <i@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(large).toString('base64')}\r\n`;
    const related = multipart('related', 'r', [
      'Content-Type: text/html\r\n\r\n<img src=cid:i@x>\r\n',
      image,
    ]);
    const parted = await part(
      multipart('mixed', 'b', [multipart('alternative', 'a', [text, related])]),
      2000,
    );
    expect(parted?.parts).toMatchObject([
      { name: 'i.png', isInline: true, contentId: 'i@x', sizeBytes: 4000, content: large },
    ]);
    expect(parted?.mime).toContain('cid:i@x');
  });

  test.each([
    [
      'base64',
      Buffer.from(large)
        .toString('base64')
        .replaceAll(/(.{76})/g, '$1\r\n'),
      large,
    ],
    ['quoted-printable', `=E4${'y'.repeat(3000)}=\r\nz  \r\nend`, `\xE4${'y'.repeat(3000)}z\r\nend`],
    ['8bit', `\xE4${large}`, `\xE4${large}`],
  ])('content in %s is decoded to its bytes', async (encoding, encoded, decoded) => {
    const headers = `Content-Transfer-Encoding: ${encoding}\r\n`;
    const parted = await part(multipart('mixed', 'b', [text, file('a.pdf', encoded, headers)]), 2000);
    expect(parted?.parts).toMatchObject([{ content: decoded, sizeBytes: decoded.length }]);
  });

  test('names of every encoding', async () => {
    const header = "Content-Disposition: attachment; filename*0*=utf-8''Gr%C3%B6; filename*1=sse.pdf\r\n";
    const parted = await part(
      multipart('mixed', 'b', [text, `Content-Type: application/pdf\r\n${header}\r\n${large}\r\n`]),
      2000,
    );
    expect(parted?.parts[0]?.name).toBe('Grösse.pdf');
  });

  test.each([
    ['text alone', `Content-Type: text/plain\r\n\r\n${large}`],
    ['alternatives', multipart('alternative', 'b', [text, `Content-Type: text/html\r\n\r\n${large}\r\n`])],
    ['what is signed', multipart('signed', 'b', [file('a.pdf', large), file('s.p7s', large)])],
  ])('%s cannot be taken apart', async (_what, mime) => {
    await expect(part(mime, 2000)).resolves.toBeNull();
  });

  test('a boundary that begins like another is not taken for it', async () => {
    const inner = multipart('related', 'b-1', [text, file('i.pdf', large)]);
    const parted = await part(multipart('mixed', 'b', [inner, file('o.pdf', 'small')]), 2000);
    expect(parted?.parts).toMatchObject([{ name: 'i.pdf' }]);
    expect(parted?.mime).toContain('o.pdf');
  });
});
