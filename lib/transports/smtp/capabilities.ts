/** What the server offered in its last EHLO answer. */
export interface SmtpCapabilities {
  readonly startTls: boolean;
  readonly smtpUtf8: boolean;
  readonly eightBitMime: boolean;
  /** SASL mechanisms in upper case; null when no AUTH line was there at all. */
  readonly authMechanisms: readonly string[] | null;
  /** Bytes; null when the server states no limit (RFC 1870: absent or 0). */
  readonly maxSizeBytes: number | null;
}

/** Reads an EHLO answer (RFC 5321 4.1.1.1); an answer to HELO offers nothing. */
export function parseCapabilities(ehlo: string): SmtpCapabilities {
  const lines = ehlo
    .split(/\r?\n/)
    .slice(1)
    .map((line) =>
      line
        .replace(/^\d{3}[ -]/, '')
        .trim()
        .toUpperCase(),
    );
  const has = (keyword: string): boolean =>
    lines.some((line) => line === keyword || line.startsWith(`${keyword} `));
  const auth = lines.filter((line) => /^AUTH(?:[ =]|$)/.test(line));
  const size = lines.find((line) => /^SIZE \d+$/.test(line));
  const maxSize = size === undefined ? 0 : Number(size.slice(5));
  return {
    startTls: has('STARTTLS'),
    smtpUtf8: has('SMTPUTF8'),
    eightBitMime: has('8BITMIME'),
    authMechanisms: auth.length === 0 ? null : auth.flatMap((line) => line.split(/[ =]+/).slice(1)),
    maxSizeBytes: maxSize > 0 ? maxSize : null,
  };
}
