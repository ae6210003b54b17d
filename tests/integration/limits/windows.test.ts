import { describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { createTestDatabase } from '#tests/support/database.ts';

const { database } = await createTestDatabase();

async function midnightAtOrAfter(instant: string, zone: string): Promise<string | undefined> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ at: Date }>('select mailroom.midnight_at_or_after($1::timestamptz, $2) as at', [
      instant,
      zone,
    ]),
  );
  return rows[0]?.at.toISOString();
}

describe('the first local midnight at or after an instant', () => {
  test.each([
    ['an ordinary day', '2026-05-05T12:00:00Z', 'Europe/Berlin', '2026-05-05T22:00:00.000Z'],
    ['a midnight itself', '2026-05-05T22:00:00Z', 'Europe/Berlin', '2026-05-05T22:00:00.000Z'],
    ['a day of 23 hours', '2026-03-28T23:00:01Z', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    ['a day of 25 hours', '2026-10-24T22:00:01Z', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
    ['half an hour off', '2026-05-05T12:00:00Z', 'Asia/Kolkata', '2026-05-05T18:30:00.000Z'],
    ['a midnight that clocks leave out', '2026-04-23T12:00:00Z', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
  ])('%s', async (_name, instant, zone, expected) => {
    expect(await midnightAtOrAfter(instant, zone)).toBe(expected);
  });
});
