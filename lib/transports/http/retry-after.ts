const longestMs = 24 * 3_600_000;

/**
 * How long an answer asks to wait: seconds or an HTTP date (RFC 9110 10.2.3), the latter counted from the server's own
 * clock where it told it. Null where it names no time.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: Date): number | null {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, longestMs);
  const at = httpDate(value);
  if (at === null) return null;
  const from = httpDate(headers['date'] ?? '') ?? now.getTime();
  return Math.min(Math.max(at - from, 0), longestMs);
}

function httpDate(value: string): number | null {
  if (!/^[A-Z][a-z]{2,8},? /.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}
