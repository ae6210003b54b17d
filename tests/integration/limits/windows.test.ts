import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner, type Database } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { saveLimitCalendar } from '#lib/limits/save-limit-calendar.ts';
import { updateOrganization } from '#lib/organizations/update-organization.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  testServices,
  type TestOrganization,
} from '#tests/support/factories.ts';
import { makeScene, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { atInstant } from './clock.ts';
import { roomOf, setLimit, useUp, windowOf } from './limit-scene.ts';

const { database, connectionString } = await createTestDatabase();

const at = (instant: string): Database => atInstant(connectionString, instant);

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
    ['a midnight that comes twice', '2026-10-24T12:00:00Z', 'Atlantic/Azores', '2026-10-25T00:00:00.000Z'],
    ['after the first of two', '2026-10-25T00:30:00Z', 'Atlantic/Azores', '2026-10-26T01:00:00.000Z'],
    ['after the second of two', '2026-10-25T01:30:00Z', 'Atlantic/Azores', '2026-10-26T01:00:00.000Z'],
  ])('%s', async (_name, instant, zone, expected) => {
    expect(await midnightAtOrAfter(instant, zone)).toBe(expected);
  });
});

describe('a calendar day (PRODUCT 5.2)', () => {
  test.each([
    [
      'of 23 hours',
      'Europe/Berlin',
      '2027-03-28T12:00:00Z',
      '2027-03-27T23:00:00.000Z',
      '2027-03-28T22:00:00.000Z',
    ],
    [
      'of 25 hours',
      'Europe/Berlin',
      '2027-10-31T12:00:00Z',
      '2027-10-30T22:00:00.000Z',
      '2027-10-31T23:00:00.000Z',
    ],
    [
      'its last second',
      'Europe/Berlin',
      '2027-10-31T22:59:55Z',
      '2027-10-30T22:00:00.000Z',
      '2027-10-31T23:00:00.000Z',
    ],
    [
      'its first second',
      'Europe/Berlin',
      '2027-10-31T23:00:00Z',
      '2027-10-31T23:00:00.000Z',
      '2027-11-01T23:00:00.000Z',
    ],
    // The hour between two midnights belongs to the same day as the one after it: it has no quota of its own.
    [
      'with two midnights, between them',
      'Atlantic/Azores',
      '2027-10-31T00:30:00Z',
      '2027-10-31T00:00:00.000Z',
      '2027-11-01T01:00:00.000Z',
    ],
    [
      'with two midnights, after both',
      'Atlantic/Azores',
      '2027-10-31T01:30:00Z',
      '2027-10-31T00:00:00.000Z',
      '2027-11-01T01:00:00.000Z',
    ],
    [
      'with two midnights, the day before',
      'Atlantic/Azores',
      '2027-10-30T23:30:00Z',
      '2027-10-30T00:00:00.000Z',
      '2027-10-31T00:00:00.000Z',
    ],
    [
      'that a midnight left out begins',
      'Africa/Cairo',
      '2027-04-30T12:00:00Z',
      '2027-04-29T22:00:00.000Z',
      '2027-04-30T21:00:00.000Z',
    ],
  ])('%s', async (_name, timeZone, now, startsAt, endsAt) => {
    const organization = await makeOrganization(database, { timeZone });
    expect(await windowOf(at(now), organization)).toMatchObject({
      kind: 'calendar',
      timeZone,
      startsAt,
      endsAt,
    });
  });

  test('its whole use is there again at midnight, and none of it before', async () => {
    const scene = await makeScene(
      database,
      { port: 25 },
      await makeOrganization(database, { timeZone: 'Europe/Berlin' }),
    );
    const smtp = { organization: scene.organization, protocol: 'smtp' } as const;
    await setLimit(database, smtp, { mailsPerDay: 10 });
    await useUp(at('2027-03-28T00:30:00Z'), smtp, { mails: 10 });
    expect(await roomOf(at('2027-03-28T21:59:50Z'), scene.project)).toMatchObject({ high: 0, normal: 0 });
    expect(await roomOf(at('2027-03-28T22:00:00Z'), scene.project)).toMatchObject({ high: 10, normal: 10 });
  });
});

describe('the last 24 hours', () => {
  let scene: Scene;
  let smtp: { organization: TestOrganization; protocol: 'smtp' };
  beforeEach(async () => {
    scene = await makeScene(database, { port: 25 });
    smtp = { organization: scene.organization, protocol: 'smtp' };
    await asOwner(database, (tx) =>
      tx.query("update mailroom.limit_calendars set kind = 'rolling' where organization_id = $1", [
        scene.organization.id,
      ]),
    );
    await setLimit(database, smtp, { mailsPerDay: 10 });
  });

  test('gives room again within a minute of the 24 hours (PRODUCT 5.3)', async () => {
    await useUp(at('2027-05-05T12:00:30Z'), smtp, { mails: 4 });
    await useUp(at('2027-05-05T15:00:30Z'), smtp, { mails: 6 });
    expect(await roomOf(at('2027-05-06T12:00:30Z'), scene.project)).toMatchObject({ normal: 0 });
    expect(await roomOf(at('2027-05-06T12:01:30Z'), scene.project)).toMatchObject({ normal: 4 });
    expect(await roomOf(at('2027-05-06T15:01:30Z'), scene.project)).toMatchObject({ normal: 10 });
  });

  test('counts what a clock that ran ahead has sent', async () => {
    await useUp(at('2027-05-06T13:00:00Z'), smtp, { mails: 10 });
    expect(await roomOf(at('2027-05-05T12:00:00Z'), scene.project)).toMatchObject({ normal: 0 });
  });
});

function ctxAt(instant: string, organization: TestOrganization): Context {
  return contextOf(testServices(at(instant)), organization);
}

describe('a new zone or kind', () => {
  test('starts when the running day ends, and its first day ends at the first midnight 24 hours later', async () => {
    const organization = await makeOrganization(database, { timeZone: 'Europe/Berlin' });
    await updateOrganization(ctxAt('2027-05-05T12:00:00Z', organization), { timeZone: 'America/New_York' });
    expect(await windowOf(at('2027-05-05T21:59:50Z'), organization)).toMatchObject({
      timeZone: 'Europe/Berlin',
      endsAt: '2027-05-05T22:00:00.000Z',
    });
    const first = {
      timeZone: 'America/New_York',
      startsAt: '2027-05-05T22:00:00.000Z',
      endsAt: '2027-05-07T04:00:00.000Z',
    };
    expect(await windowOf(at('2027-05-05T22:00:00Z'), organization)).toMatchObject(first);
    expect(await windowOf(at('2027-05-07T03:59:50Z'), organization)).toMatchObject(first);
    expect(await windowOf(at('2027-05-07T04:00:00Z'), organization)).toMatchObject({
      startsAt: '2027-05-07T04:00:00.000Z',
      endsAt: '2027-05-08T04:00:00.000Z',
    });
  });

  test('a first day is never shorter than 24 hours, even over a change of clocks', async () => {
    const organization = await makeOrganization(database, { timeZone: 'UTC' });
    await saveLimitCalendar(ctxAt('2027-03-27T12:00:00Z', organization), { timeZone: 'Europe/Berlin' });
    expect(await windowOf(at('2027-03-28T12:00:00Z'), organization)).toMatchObject({
      startsAt: '2027-03-28T00:00:00.000Z',
      endsAt: '2027-03-29T22:00:00.000Z',
    });
  });

  test('a rolling window follows the calendar day at its end', async () => {
    const organization = await makeOrganization(database, { timeZone: 'Europe/Berlin' });
    await saveLimitCalendar(ctxAt('2027-05-05T12:00:00Z', organization), { kind: 'rolling' });
    expect(await windowOf(at('2027-05-05T21:00:00Z'), organization)).toMatchObject({ kind: 'calendar' });
    expect(await windowOf(at('2027-05-05T23:00:00Z'), organization)).toMatchObject({
      kind: 'rolling',
      startsAt: '2027-05-04T23:00:00.000Z',
      endsAt: null,
    });
  });

  test('a rolling window ends 24 hours after the change, so that nobody makes room by it', async () => {
    const organization = await makeOrganization(database, { timeZone: 'UTC' });
    await asOwner(database, (tx) =>
      tx.query("update mailroom.limit_calendars set kind = 'rolling' where organization_id = $1", [
        organization.id,
      ]),
    );
    await saveLimitCalendar(ctxAt('2027-05-05T12:00:30Z', organization), { kind: 'calendar' });
    expect(await windowOf(at('2027-05-06T12:00:30Z'), organization)).toMatchObject({ kind: 'rolling' });
    expect(await windowOf(at('2027-05-06T12:01:00Z'), organization)).toMatchObject({
      kind: 'calendar',
      startsAt: '2027-05-06T12:01:00.000Z',
      endsAt: '2027-05-08T00:00:00.000Z',
    });
  });

  test('a second change before the first has begun takes its place; going back takes it away', async () => {
    const organization = await makeOrganization(database, { timeZone: 'UTC' });
    const ctx = ctxAt('2027-05-05T12:00:00Z', organization);
    await saveLimitCalendar(ctx, { timeZone: 'Asia/Tokyo' });
    await saveLimitCalendar(ctx, { timeZone: 'America/New_York' });
    expect(await windowOf(at('2027-05-06T01:00:00Z'), organization)).toMatchObject({
      timeZone: 'America/New_York',
      startsAt: '2027-05-06T00:00:00.000Z',
    });
    await saveLimitCalendar(ctx, { timeZone: 'UTC' });
    expect(await windowOf(at('2027-05-06T01:00:00Z'), organization)).toMatchObject({
      timeZone: 'UTC',
      endsAt: '2027-05-07T00:00:00.000Z',
    });
  });

  test('changes of zone by hand, day by day, never give more than one quota in 24 hours', async () => {
    const organization = await makeOrganization(database, { timeZone: 'Pacific/Auckland' });
    const ends = new Set<string>();
    let now = '2027-05-05T12:00:00.000Z';
    for (const timeZone of [
      'Pacific/Honolulu',
      'Pacific/Auckland',
      'UTC',
      'Pacific/Kiritimati',
      'Asia/Kolkata',
    ]) {
      await updateOrganization(ctxAt(now, organization), { timeZone });
      const running = await windowOf(at(now), organization);
      const end = running.endsAt ?? '';
      ends.add(end);
      const next = await windowOf(at(end), organization);
      expect(next.startsAt).toBe(end);
      expect(Date.parse(next.endsAt ?? '') - Date.parse(end)).toBeGreaterThanOrEqual(24 * 3_600_000);
      now = new Date(Date.parse(end) + 3_600_000).toISOString();
    }
    expect(ends.size).toBe(5);
  });
});

describe('a clock that steps', () => {
  test('by a day, back and forth, grants no second quota', async () => {
    const scene = await makeScene(database, { port: 25 });
    const smtp = { organization: scene.organization, protocol: 'smtp' } as const;
    await setLimit(database, smtp, { mailsPerDay: 10 });
    const today = at('2027-05-05T12:00:00Z');
    const tomorrow = at('2027-05-06T12:00:00Z');
    await useUp(today, smtp, { mails: 10 });
    expect(await roomOf(tomorrow, scene.project)).toMatchObject({ normal: 10 });
    await useUp(tomorrow, smtp, { mails: 10 });
    for (const clock of [today, tomorrow, today, tomorrow]) {
      expect(await roomOf(clock, scene.project)).toMatchObject({ normal: 0 });
    }
  });
});
