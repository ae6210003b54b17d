import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '#lib/context.ts';
import { previewLimitChange } from '#lib/limits/preview-limit-change.ts';
import { readLimitHistory } from '#lib/limits/read-limit-history.ts';
import { readLimits } from '#lib/limits/read-limits.ts';
import { readProjectLimits } from '#lib/limits/read-project-limits.ts';
import { saveAutoResume } from '#lib/limits/save-auto-resume.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { makeScene, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { atInstant, atOffset } from './clock.ts';
import { setLimit, useUp } from './limit-scene.ts';

const { database, connectionString } = await createTestDatabase();
const services = testServices(database);
const blank = { mailsPerDay: null, recipientsPerMail: null, highReserve: 0 };

let scene: Scene;
let ctx: Context;
let smtp: { organization: Scene['organization']; protocol: 'smtp' };

beforeEach(async () => {
  scene = await makeScene(database, { port: 25 }, await makeOrganization(database));
  const { organization } = scene;
  smtp = { organization, protocol: 'smtp' };
  const admin = await makeMember(database, organization, 'administrator');
  ctx = contextOf(services, organization, userActor(admin, 'administrator'));
});

describe('reading', () => {
  test('use, reserve and passed of the window; held now; the largest', async () => {
    await setLimit(database, smtp, { mailsPerDay: 10, recipientsPerMail: 2, highReserve: 2 });
    await useUp(database, smtp, { mails: 10, high: 1 });
    await acceptMessage(ctx, scene.project.slug, { to: 'a@example.com', subject: '', text: 'x' });
    const three = ['a@example.com', 'b@example.com', 'c@example.com'];
    await acceptMessage(ctx, scene.project.slug, { to: three, subject: '', text: 'x' });
    const { scopes } = await readLimits(ctx, {});
    expect(scopes[0]).toMatchObject({
      used: 10,
      highUsed: 1,
      heldNow: { dayLimit: 1, recipientsLimit: 1 },
      largestToday: 3,
    });
    expect(scopes[1]).toMatchObject({
      used: 0,
      heldNow: { dayLimit: 0, recipientsLimit: 0 },
      largestToday: 0,
    });
    expect(await readProjectLimits(ctx, { project: scene.project.slug })).toMatchObject({
      limit: 10,
      used: 10,
      left: 0,
      reservedForHigh: 1,
      recipientsPerMail: 2,
      heldNow: 1,
      limits: [
        { over: 'protocol', used: 10 },
        { over: 'project', used: 0 },
      ],
    });
  });

  test('a project without limits tells what it sent', async () => {
    await useUp(database, { organization: scene.organization, project: scene.project }, { mails: 3 });
    expect(await readProjectLimits(ctx, { project: scene.project.slug })).toMatchObject({
      limit: null,
      left: null,
      used: 3,
      resetsAt: expect.any(String),
    });
  });

  test('what is expected by the end of the day follows the last days from this time on', async () => {
    const clock = atInstant(connectionString, '2027-05-05T10:15:00Z');
    const atQuarterPastTen = { ...ctx, database: clock };
    const expected = async () => (await readLimits(atQuarterPastTen, {})).scopes[0]?.expectedByEnd;
    expect(await expected()).toBeNull();
    const day = 24 * 60;
    await useUp(clock, smtp, { mails: 5 });
    await useUp(clock, smtp, { mails: 40, minutesAgo: day - 180 });
    await useUp(clock, smtp, { mails: 15, held: 5, minutesAgo: 2 * day - 180 });
    // Three quarters of this hour are still to come.
    await useUp(clock, smtp, { mails: 56, minutesAgo: day + 10 });
    await useUp(clock, smtp, { mails: 999, minutesAgo: 2 * day + 120 });
    expect(await expected()).toBe(5 + (40 + 20 + 42) / 2);
  });

  test('days of the last month with the limit that was in force', async () => {
    const day = 24 * 60;
    await useUp(database, smtp, { mails: 8, held: 3, minutesAgo: 2 * day });
    await useUp(database, smtp, { mails: 4 });
    const tenDaysAgo = { ...ctx, database: atOffset(connectionString, '-10 days') };
    await saveLimit(tenDaysAgo, { scope: 'smtp', mailsPerDay: 8, expected: blank });
    await saveLimit(ctx, { scope: 'smtp', mailsPerDay: 9, expected: { ...blank, mailsPerDay: 8 } });
    const days = await readLimitHistory(ctx, { scope: 'smtp' });
    expect(days).toHaveLength(30);
    expect(days.at(-1)).toMatchObject({ sent: 4, held: 0, limit: 9 });
    expect(days.at(-2)).toMatchObject({ sent: 0, limit: 8 });
    expect(days.at(-3)).toMatchObject({ sent: 8, held: 3, limit: 8 });
    expect(days.at(-12)).toMatchObject({ sent: 0, held: 0, limit: null });
  });
});

describe('what a change would do', () => {
  test('over the last days, and to the room of this one', async () => {
    const day = 24 * 60;
    await setLimit(database, smtp, { mailsPerDay: 10 });
    await useUp(database, smtp, { mails: 10, held: 7, minutesAgo: 3 * day });
    await useUp(database, smtp, { mails: 10, held: 2, minutesAgo: 2 * day });
    await useUp(database, smtp, { mails: 6 });
    const preview = await previewLimitChange(ctx, { scope: 'smtp', mailsPerDay: 12 });
    expect(preview).toMatchObject({
      days: 3,
      daysReached: { before: 2, after: 2 },
      mailsHeld: { before: 9, after: 5 },
      roomLeft: { before: 4, after: 6 },
      wouldGoOutNow: 0,
    });
    expect(preview.longestWaitMs.before).toBeGreaterThan(0);
    expect(await previewLimitChange(ctx, { scope: 'smtp', mailsPerDay: null })).toMatchObject({
      daysReached: { before: 2, after: 0 },
      mailsHeld: { after: 0 },
      longestWaitMs: { after: 0 },
      roomLeft: { before: 4, after: null },
    });
    await expect(previewLimitChange(ctx, { scope: 'smtp', mailsPerDay: 0 })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  test('to held mail: by auto resume as far as every limit lets it, by recipients whatever the box says', async () => {
    const { organization, project } = scene;
    await setLimit(database, smtp, { mailsPerDay: 2, recipientsPerMail: 1 });
    await useUp(database, smtp, { mails: 2 });
    for (const to of ['a@x.org', 'b@x.org', 'c@x.org', ['d@x.org', 'e@x.org']]) {
      await acceptMessage(ctx, project.slug, { to, subject: '', text: 'x' });
    }
    const goesOut = async (change: object) => {
      const { wouldGoOutNow, fitsRecipients } = await previewLimitChange(ctx, { scope: 'smtp', ...change });
      return [wouldGoOutNow, fitsRecipients];
    };
    expect(await goesOut({ mailsPerDay: 4 })).toEqual([0, 0]);
    expect(await goesOut({ recipientsPerMail: 2 })).toEqual([1, 1]);
    await saveAutoResume(ctx, { project: null, autoResume: true, threshold: 1 });
    expect(await goesOut({ mailsPerDay: 4 })).toEqual([2, 0]);
    expect(await goesOut({ mailsPerDay: null })).toEqual([3, 0]);
    expect(await goesOut({ mailsPerDay: 1 })).toEqual([0, 0]);
    await setLimit(database, { organization, project }, { mailsPerDay: 1 });
    expect(await goesOut({ mailsPerDay: 4 })).toEqual([1, 0]);
  });
});
