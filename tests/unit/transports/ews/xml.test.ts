import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeContent, encodedBytes } from '#lib/transports/ews/base64-content.ts';
import { childOf, escapeXml, findElement, parseXml } from '#lib/transports/ews/xml.ts';

function parse(text: string) {
  return parseXml(Buffer.from(text));
}

describe('what is read', () => {
  test('elements with their namespaces, attributes and text', () => {
    const root = parse(
      '\uFEFF<?xml version="1.0"?><a xmlns="u" xmlns:p="v"><p:b c="1">x&amp;&#65;<![CDATA[<y>]]></p:b></a>',
    );
    const child = root === null ? null : childOf(root, 'v', 'b');
    expect(child).toMatchObject({ text: 'x&A<y>', children: [] });
    expect(child?.attributes.get('c')).toBe('1');
    expect(root === null ? null : findElement(root, 'v', 'b')).toBe(child);
    expect(root === null ? null : findElement(root, 'u', 'b')).toBeNull();
  });

  test.each([
    ['an entity of its own', '<!DOCTYPE a [<!ENTITY e "boom">]><a>&e;</a>'],
    ['entities in entities', '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>'],
    ['a file from outside', '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>'],
    ['a document type alone', '<!doctype html><html/>'],
    ['an entity that nobody declared', '<a>&nbsp;</a>'],
    ['a page', '<html><body>Sign in<br></body></html>'],
    ['half a document', '<a><b>'],
    ['two roots', '<a/><b/>'],
    ['nothing', ''],
    ['a prefix that is not bound', '<p:a/>'],
    ['elements in elements without end', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`],
  ])('%s is refused', (_what, text) => {
    expect(parse(text)).toBeNull();
  });
});

test('whatever is escaped is read back, but for what XML cannot carry', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const root = parse(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`);
      const carried = text
        .toWellFormed()
        // eslint-disable-next-line no-control-regex -- these are what XML 1.0 excludes
        .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\uFFFD');
      expect(root?.text).toBe(carried);
      expect(root?.attributes.get('b')).toBe(carried.replaceAll(/[\t\n]/g, ' '));
    }),
  );
});

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const piece of pieces) chunks.push(piece);
  return Buffer.concat(chunks).toString();
}

describe('content as Base64', () => {
  test('however it is cut, it is the Base64 of the whole, as long as was said', async () => {
    const plan = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat({ max: 40 }), { maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(plan, async ([bytes, sizes]) => {
        const encoded = { before: '<é>', after: '</é>', contentBytes: bytes.length };
        const text = await collect(encodeContent(encoded, inPieces(bytes, sizes)));
        expect(text).toBe(`<é>${Buffer.from(bytes).toString('base64')}</é>`);
        expect(Buffer.byteLength(text)).toBe(encodedBytes(encoded));
      }),
    );
  });

  test.each([5, 7])('%s bytes where 6 were said are refused before the end', async (size) => {
    const pieces: string[] = [];
    const encoding = encodeContent(
      { before: '<a>', after: '</a>', contentBytes: 6 },
      inPieces(new Uint8Array(size), [2, 2]),
    );
    const all = (async () => {
      for await (const piece of encoding) pieces.push(piece.toString());
    })();
    await expect(all).rejects.toThrow(RangeError);
    expect(pieces.join('')).not.toContain('</a>');
  });
});
