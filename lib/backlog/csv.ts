/** One row of a CSV file (RFC 4180): every cell in quotes, ended by CRLF. */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map((cell) => `"${harmless(cell === null ? '' : String(cell)).replaceAll('"', '""')}"`).join(',')}\r\n`;
}

// A spreadsheet runs a cell that begins so as a formula, and a mail's subject is anybody's text.
function harmless(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}
