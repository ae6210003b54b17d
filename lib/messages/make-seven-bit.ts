import { invalidField } from '../errors.ts';
import { longestQuoted, quotedPrintable, wrapBase64 } from './encode-body.ts';
import { type Entity, headerValue, splitEntity, withField } from './mime-entity.ts';

const maxDepth = 20;

/**
 * The entity with every part that has bytes beyond ASCII or lines over 998 characters encoded anew, so that servers
 * without 8BITMIME take it. What is signed must not be touched and is refused instead.
 */
export function makeSevenBit(entity: Entity, depth = 0): Entity {
  checkPartFields(entity, depth);
  if (isSafe(entity.body)) return entity;
  if (depth > maxDepth) throw invalidField('mime', `Parts are nested more than ${maxDepth} deep.`);
  const type = (headerValue(entity.fields, 'content-type') ?? 'text/plain').toLowerCase();
  if (
    headerValue(entity.fields, 'dkim-signature') !== null ||
    /^multipart\/(?:signed|encrypted)/.test(type)
  ) {
    throw invalidField(
      'mime',
      'The message is signed and not 7-bit safe: encode its parts before they are signed.',
    );
  }
  if (type.startsWith('multipart/')) return encodeParts(entity, depth);
  const encoding = (headerValue(entity.fields, 'content-transfer-encoding') ?? '7bit').toLowerCase();
  if (encoding === 'base64' || encoding === 'quoted-printable') {
    throw invalidField(
      'mime',
      `A part says ${encoding} and is not: it has bytes beyond ASCII or too long lines.`,
    );
  }
  if (type.startsWith('message/')) {
    const inner = makeSevenBit(splitEntity(entity.body), depth + 1);
    return { fields: withField(entity.fields, 'Content-Transfer-Encoding', '7bit'), body: textOf(inner) };
  }
  const isQuoted = type.startsWith('text/') && entity.body.length <= longestQuoted;
  const body = isQuoted
    ? quotedPrintable(Buffer.from(entity.body, 'latin1'))
    : wrapBase64(Buffer.from(entity.body, 'latin1').toString('base64'));
  return {
    fields: withField(entity.fields, 'Content-Transfer-Encoding', isQuoted ? 'quoted-printable' : 'base64'),
    body,
  };
}

// The fields of the message itself are checked before; those of a part cannot be encoded without knowing what they mean.
function checkPartFields({ fields }: Entity, depth: number): void {
  const unsafe = depth === 0 ? undefined : fields.find(({ raw }) => !isSafe(raw));
  if (unsafe === undefined) return;
  throw invalidField(
    'mime',
    `The header ${unsafe.name} of a part has bytes beyond ASCII or too long lines; encode it (RFC 2047, RFC 2231).`,
  );
}

function encodeParts(entity: Entity, depth: number): Entity {
  const boundary = boundaryOf(headerValue(entity.fields, 'content-type') ?? '');
  if (boundary === null) throw invalidField('mime', 'A multipart has no boundary.');
  // Splits before each delimiter line; the CRLF ahead of it belongs to the delimiter (RFC 2046 5.1.1).
  const pieces = `\r\n${entity.body}`.split(`\r\n--${boundary}`);
  const [preamble = '', ...rest] = pieces;
  let body = isSafe(preamble) ? preamble.slice(2) : '';
  for (const piece of rest) {
    const isEnd = piece.startsWith('--');
    const head = isEnd ? '--' : '';
    const lineEnd = piece.indexOf('\r\n');
    if (isEnd || lineEnd === -1) {
      body += `${body === '' ? '' : '\r\n'}--${boundary}${head}`;
      break;
    }
    const part = makeSevenBit(splitEntity(piece.slice(lineEnd + 2)), depth + 1);
    body += `${body === '' ? '' : '\r\n'}--${boundary}\r\n${textOf(part)}`;
  }
  return { fields: withField(entity.fields, 'Content-Transfer-Encoding', '7bit'), body: `${body}\r\n` };
}

function textOf(entity: Entity): string {
  return `${entity.fields.map((field) => field.raw).join('')}\r\n${entity.body}`;
}

function isSafe(body: string): boolean {
  return /^[\p{ASCII}]*$/u.test(body) && hasShortLines(body);
}

function hasShortLines(body: string): boolean {
  let start = 0;
  for (let end = body.indexOf('\r\n'); end !== -1; end = body.indexOf('\r\n', start)) {
    if (end - start > 998) return false;
    start = end + 2;
  }
  return body.length - start <= 998;
}

function boundaryOf(contentType: string): string | null {
  const found = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  return found?.[1] ?? found?.[2] ?? null;
}
