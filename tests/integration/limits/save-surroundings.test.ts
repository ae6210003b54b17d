import { beforeEach, describe, expect, test } from 'vitest';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import type { Context } from '#lib/context.ts';
import { readLimits } from '#lib/limits/read-limits.ts';
import { saveAutoResume } from '#lib/limits/save-auto-resume.ts';
import { saveLimitCalendar } from '#lib/limits/save-limit-calendar.ts';
import { saveLimitPolicy } from '#lib/limits/save-limit-policy.ts';
import { updateOrganization } from '#lib/organizations/update-organization.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { sqlRows } from '#tests/integration/messages/scene.ts';
import { makeScene, type Scene } from '#tests/integration/queue/queue-scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);

let scene: Scene;
let ctx: Context;

beforeEach(async () => {
  scene = await makeScene(database, { port: 25 }, await makeOrganization(database));
  const admin = await makeMember(database, scene.organization, 'administrator');
  ctx = contextOf(services, scene.organization, userActor(admin, 'administrator'));
});

async function lastEntry() {
  const { entries } = await listAuditEntries(ctx, { limit: 1 });
  return entries[0];
}

describe('what surrounds limits', () => {
  test('the choice for mails with too many recipients', async () => {
    await saveLimitPolicy(ctx, { recipientsPolicy: 'split' });
    expect(await lastEntry()).toMatchObject({
      action: 'limits.policy_saved',
      detail: { before: { recipientsPolicy: 'hold' }, after: { recipientsPolicy: 'split' } },
    });
    expect((await readLimits(ctx, {})).policy.recipientsPolicy).toBe('split');
    // @ts-expect-error what a browser sends is not checked by a compiler
    await expect(saveLimitPolicy(ctx, { recipientsPolicy: 'burn' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  test('auto resume, of the organization and of one project', async () => {
    await saveAutoResume(ctx, { project: null, autoResume: true, threshold: 500 });
    expect((await readLimits(ctx, {})).policy).toMatchObject({ autoResume: true, autoResumeThreshold: 500 });
    const { slug } = scene.project;
    await saveAutoResume(ctx, { project: slug, autoResume: false, threshold: 9 });
    expect(await lastEntry()).toMatchObject({
      action: 'limits.auto_resume_saved',
      project: { slug },
      detail: { before: { autoResume: null, threshold: null }, after: { autoResume: false, threshold: 9 } },
    });
    expect(await saveAutoResume(ctx, { project: slug, autoResume: null, threshold: 9 })).toEqual({
      autoResume: null,
      threshold: null,
    });
    const faults = [
      { project: null, autoResume: null, threshold: null },
      { project: slug, autoResume: true, threshold: 0 },
    ];
    for (const fault of faults) {
      await expect(saveAutoResume(ctx, fault)).rejects.toMatchObject({ code: 'invalid_input' });
    }
  });

  test('the calendar; a zone of the organization is that of its days', async () => {
    await saveLimitCalendar(ctx, { kind: 'rolling', timeZone: 'Asia/Tokyo' });
    const { window, nextWindow } = await readLimits(ctx, {});
    expect(window).toMatchObject({ kind: 'calendar', timeZone: 'UTC' });
    expect(nextWindow).toMatchObject({
      kind: 'rolling',
      timeZone: 'Asia/Tokyo',
      startsAt: window.endsAt,
      endsAt: null,
    });
    expect(await lastEntry()).toMatchObject({
      action: 'limits.calendar_saved',
      detail: {
        before: { kind: 'calendar', timeZone: 'UTC' },
        after: { kind: 'rolling', timeZone: 'Asia/Tokyo' },
      },
    });
    const organization = await updateOrganization(ctx, {});
    expect(organization.timeZone).toBe('Asia/Tokyo');
    for (const timeZone of ['+01:00', 'Mars/Olympus', '']) {
      await expect(saveLimitCalendar(ctx, { timeZone })).rejects.toMatchObject({
        issues: [{ field: 'timeZone' }],
      });
      await expect(updateOrganization(ctx, { timeZone })).rejects.toMatchObject({
        issues: [{ field: 'timeZone' }],
      });
    }
  });

  test('every time zone that a person may choose is one that the database knows', async () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const unknown = await sqlRows<{ zone: string }>(
      database,
      `select zone from unnest($1::text[]) as zone
       where lower(zone) not in (select lower(name) from pg_timezone_names)`,
      [zones],
    );
    expect(zones.length).toBeGreaterThan(300);
    expect(unknown).toEqual([]);
  });
});
