const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 0, maximumFractionDigits: 1 });

/** 41208 → "41,208". */
export function formatNumber(value: number): string {
  return whole.format(value);
}

/** Bytes → "18 KB", "1.2 MB" (1 KB is 1,024 bytes). */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${whole.format(bytes)} B`;
  const kilo = bytes / 1024;
  if (kilo < 1000) return `${kilo < 10 ? tenth.format(kilo) : whole.format(kilo)} KB`;
  return `${tenth.format(kilo / 1024)} MB`;
}

/** "1 mail", "1,281 mails"; the plural adds an s unless given. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** Milliseconds → "412 ms", "1.4 s", "6 min 44 s", "5 h 00 min", "3 days"; what is waited for is never rounded up. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) return `${Math.floor(ms)} ms`;
  if (ms < 60_000)
    return ms < 10_000 ? `${tenth.format(Math.floor(ms / 100) / 10)} s` : `${Math.floor(ms / 1000)} s`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} days`;
}
