/**
 * An array parameter as Postgres reads it, for values that need no quotes: ids, numbers, booleans, instants. The
 * driver's own way looks at each value several times and escapes what has nothing to escape.
 */
export function arrayLiteral(values: readonly (string | number | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** As `arrayLiteral`, for any text that Postgres can store. */
export function textArrayLiteral(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`;
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Postgres stores neither NUL nor half a surrogate pair; a server may say either. */
export function storable(text: string | null): string | null {
  return text === null ? null : text.toWellFormed().replaceAll('\0', '\uFFFD');
}
