import type { PoolView } from './list-pools.ts';
import type { PoolKind } from './schemas.ts';

export const poolKindLabels: Readonly<
  Record<PoolKind, { readonly label: string; readonly meaning: string }>
> = {
  mailbox: { label: 'Mailbox', meaning: 'Everything that leaves through one mailbox.' },
  sign_in: { label: 'Sign-in', meaning: 'Everything that leaves through one user name at one server.' },
  tenant: {
    label: 'Tenant',
    meaning: 'Everything that leaves through one account or tenant of the provider.',
  },
};

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });

/** 24 → "24", 12.5 → "12.5": a reserve or a slow-down leaves parts of mails. */
function rate(value: number): string {
  return value < 100 ? tenth.format(value) : whole.format(Math.floor(value));
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
  if (rateFactor >= 0.995) return null;
  return `slowed to ${Math.floor(rateFactor * 100)}% by the provider, climbing back`;
}
