import { z } from 'zod';

export const poolKinds = ['mailbox', 'sign_in', 'tenant'] as const;
export type PoolKind = (typeof poolKinds)[number];

export const poolPresetIds = [
  'exchange_smtp',
  'exchange_ews',
  'graph',
  'google_workspace',
  'gmail',
  'amazon_ses',
  'other',
] as const;

function figure(most: number, what: string) {
  return z
    .int(`${what} is a whole number; blank is no limit.`)
    .min(1, '0 is not a rate. To stop all mail, pause sending instead.')
    .max(most, `At most ${most.toLocaleString('en-US')}.`)
    .nullable();
}

/** A pool as a person fills it in. Null is no limit. */
export const poolInput = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'Give the pool a name.')
    .max(80, 'A name has at most 80 characters.')
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'A name is one line, without control characters.'),
  kind: z.enum(poolKinds),
  preset: z.enum(poolPresetIds),
  mailsPerMinute: figure(100_000, 'Mails a minute'),
  mailsPerHour: figure(5_000_000, 'Mails an hour'),
  recipientsPerDay: figure(100_000_000, 'Recipients in 24 hours'),
  bytesPerFiveMinutes: figure(1_000_000_000_000, 'Bytes in 5 minutes'),
  connections: figure(1_000, 'Connections'),
  reservePercent: z
    .int('The reserve is a whole number of percent.')
    .min(0, 'At least 0 percent.')
    .max(90, 'At most 90 percent: the rest must send something.'),
  reserveRecipients: z
    .int('The reserve is a whole number of recipients.')
    .min(0, 'At least 0.')
    .max(100_000_000),
});
export type PoolInput = z.input<typeof poolInput>;
