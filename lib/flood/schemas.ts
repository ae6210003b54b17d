import { z } from 'zod';

const most = 1_000_000;

export const floodThresholds = z.strictObject({
  isOn: z.boolean(),
  repeatsPerHour: z.int('Give a whole number of mails.').min(1, 'At least 1 an hour.').max(most),
  repliesPerHour: z.int('Give a whole number of mails.').min(1, 'At least 1 an hour.').max(most),
  surgeFactor: z.int('Give a whole number.').min(2, 'At least 2 times.').max(1_000, 'At most 1,000 times.'),
  surgeFloor: z.int('Give a whole number of mails.').min(1, 'At least 1 an hour.').max(100_000_000),
});

/** How long "is fine, let through" holds. */
export const allowanceSpans = ['hour', 'day', 'week', 'for_ever'] as const;
export type AllowanceSpan = (typeof allowanceSpans)[number];
