import type { PoolView } from '#lib/pools/list-pools.ts';
import { formatNumber } from '#app/_ui/format-number.ts';

/** 24 → "24", 12.5 → "12.5": a reserve or a slow-down leaves parts of mails. */
function rate(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : formatNumber(Math.floor(value));
}

/** The rates that hold now, as they stand behind the pool's name: "24 a minute, 800 an hour". */
export function rateWords({ mailsPerMinute, mailsPerHour, bytesPerFiveMinutes }: PoolView['usable']): string {
  const words = [
    mailsPerMinute !== null && `${rate(mailsPerMinute)} a minute`,
    mailsPerHour !== null && `${rate(mailsPerHour)} an hour`,
    bytesPerFiveMinutes !== null && `${rate(bytesPerFiveMinutes / 1_000_000)} MB in 5 minutes`,
  ].filter((each) => each !== false);
  return words.length === 0 ? 'no rate' : words.join(', ');
}

/** "slowed to 50% by the provider"; null while it lets everything through. */
export function slowWords({ rateFactor }: Pick<PoolView, 'rateFactor'>): string | null {
  return rateFactor >= 0.995
    ? null
    : `slowed to ${Math.floor(rateFactor * 100)}% by the provider, climbing back`;
}
