/**
 * An array parameter as Postgres reads it, for values that need no quotes: ids, numbers, booleans, instants. The
 * driver's own way looks at each value several times and escapes what has nothing to escape.
 */
export function arrayLiteral(values: readonly (string | number | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
