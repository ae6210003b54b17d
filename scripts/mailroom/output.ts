/** What a command answers with: one JSON value for programs, or lines for people. */
export interface Answer {
  readonly json: unknown;
  readonly lines: readonly string[];
}

/** Columns padded to their widest cell; the first row is the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Names and values, one a line; null values are left out. */
export function facts(values: Readonly<Record<string, string | number | null>>): string[] {
  const given = Object.entries(values).filter(([, value]) => value !== null);
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** "2026-11-21 14:05:09", in UTC; a dash for never. */
export function time(instant: string | Date | null): string {
  if (instant === null) return '–';
  return new Date(instant).toISOString().slice(0, 19).replace('T', ' ');
}

/** A foreign text on one line of the terminal: without control characters, which could drive it. */
export function plain(text: string | null): string {
  return (text ?? '–').replace(/\p{C}+/gu, ' ').trim();
}
