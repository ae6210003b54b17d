import { customType, pgSchema, timestamp } from 'drizzle-orm/pg-core';

export const mailroom = pgSchema('mailroom');

export const bytea = customType<{ data: Buffer; driverData: Buffer }>({
  dataType: () => 'bytea',
});

export const tsvector = customType<{ data: string }>({
  dataType: () => 'tsvector',
});

/** An instant; in and out as a Date. */
export function instant(name: string) {
  return timestamp(name, { withTimezone: true, mode: 'date' });
}
