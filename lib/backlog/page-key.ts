import { z } from 'zod';
import { invalidField } from '../errors.ts';
import { isId } from '../ids.ts';
import type { HeldSort } from './schemas.ts';
import type { SqlValues } from './sql-values.ts';

/** Where a page ends: the value that the list is sorted by, as Postgres writes it, and the id behind it. */
export interface PageKey {
  readonly value: string | null;
  readonly id: string;
}

interface SortColumn {
  readonly name: string;
  readonly type: 'timestamptz' | 'integer';
  readonly isNullable: boolean;
}

export const sortColumns: Readonly<Record<HeldSort, SortColumn>> = {
  held: { name: 'held_at', type: 'timestamptz', isNullable: false },
  size: { name: 'size_bytes', type: 'integer', isNullable: false },
  recipients: { name: 'recipient_count', type: 'integer', isNullable: false },
  expires: { name: 'expires_at', type: 'timestamptz', isNullable: true },
};

const valueForms = {
  timestamptz: /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d){0,2}$/,
  integer: /^-?\d{1,9}$/,
} as const;

const keyTuple = z.tuple([z.string().max(40).nullable(), z.string().refine(isId)]);

/** A key as callers carry it from page to page, without looking into it. */
export function writePageKey({ value, id }: PageKey): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url');
}

/** Reads a key back; `invalid_input` for one of another list or another sort. */
export function readPageKey(field: string, text: string, sort: HeldSort): PageKey {
  const column = sortColumns[sort];
  const parsed = keyTuple.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  if (parsed.success) {
    const [value, id] = parsed.data;
    if (value === null ? column.isNullable : valueForms[column.type].test(value)) return { value, id };
  }
  throw invalidField(field, 'This is not a place in this list. Start at its first page.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * The rows `h` behind the key, as ranges of the sort's index in the order in which they come. Null values stand behind
 * all others going up, ahead of them going down, as Postgres sorts them.
 */
export function rangesBehind(
  values: SqlValues,
  key: PageKey | null,
  sort: HeldSort,
  isDown: boolean,
): readonly string[] {
  if (key === null) return ['true'];
  const { name, type, isNullable } = sortColumns[sort];
  const column = `h.${name}`;
  const sign = isDown ? '<' : '>';
  const id = values.add(key.id, 'uuid');
  if (key.value === null) {
    const sameHere = `${column} is null and h.message_id ${sign} ${id}`;
    return isDown ? [sameHere, `${column} is not null`] : [sameHere];
  }
  const behind = `(${column}, h.message_id) ${sign} (${values.add(key.value, type)}, ${id})`;
  return isNullable && !isDown ? [behind, `${column} is null`] : [behind];
}
