import { invalidField } from '../errors.ts';

/** A message or a part of one: its header fields and its body. Bytes as a latin1 string, lines ended by CRLF. */
export interface Entity {
  readonly fields: readonly HeaderField[];
  readonly body: string;
}

export interface HeaderField {
  readonly name: string;
  readonly lower: string;
  /** All its lines with their CRLF. */
  readonly raw: string;
}

const fieldStart = /^(?<name>[\x21-\x39\x3b-\x7e]{1,76})[ \t]*:/;
const maxFields = 1_000;

/** Splits at the first empty line (RFC 5322 2.1). Throws `invalid_input` on field "mime" where a header is malformed. */
export function splitEntity(text: string): Entity {
  const end = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n');
  const block = end === -1 ? text : text.slice(0, end === 0 ? 0 : end + 2);
  const body = end === -1 ? '' : text.slice(end === 0 ? 2 : end + 4);
  return { fields: readFields(block), body };
}

function readFields(block: string): HeaderField[] {
  const fields: { name: string; lower: string; raw: string }[] = [];
  for (const line of block.split('\r\n').slice(0, -1)) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      // A line of blanks looks like the end of the header to some readers.
      if (line.trim() === '')
        throw invalidField('mime', `The header ${last.name} has a line of nothing but blanks.`);
      last.raw += `${line}\r\n`;
      continue;
    }
    const name = fieldStart.exec(line)?.groups?.['name'];
    if (name === undefined) {
      throw invalidField('mime', `Line ${fields.length + 1} of the header is not "Name: value".`);
    }
    fields.push({ name, lower: name.toLowerCase(), raw: `${line}\r\n` });
    if (fields.length > maxFields) throw invalidField('mime', `A message has at most ${maxFields} headers.`);
  }
  return fields;
}

/** The unfolded value of the first such field; null when there is none. `name` in lower case. */
export function headerValue(fields: readonly HeaderField[], name: string): string | null {
  const field = fields.find((candidate) => candidate.lower === name);
  if (field === undefined) return null;
  return field.raw
    .slice(field.raw.indexOf(':') + 1)
    .replaceAll('\r\n', '')
    .trim();
}

/** The fields with this one replaced, or added at the end. */
export function withField(fields: readonly HeaderField[], name: string, value: string): HeaderField[] {
  const field = { name, lower: name.toLowerCase(), raw: `${name}: ${value}\r\n` };
  const at = fields.findIndex((candidate) => candidate.lower === field.lower);
  return at === -1 ? [...fields, field] : fields.with(at, field);
}
