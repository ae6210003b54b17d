import { beforeEach, describe, expect, test } from 'vitest';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import type { Context } from '#lib/context.ts';
import { previewLimitChange } from '#lib/limits/preview-limit-change.ts';
import { readLimitHistory } from '#lib/limits/read-limit-history.ts';
import { readLimits } from '#lib/limits/read-limits.ts';
import { readProjectLimits } from '#lib/limits/read-project-limits.ts';
import { saveAutoResume } from '#lib/limits/save-auto-resume.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import { saveLimitCalendar } from '#lib/limits/save-limit-calendar.ts';
import { saveLimitPolicy } from '#lib/limits/save-limit-policy.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
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
import { atOffset } from './clock.ts';
import { setLimit, useUp } from './limit-scene.ts';

const { database, connectionString } = await createTestDatabase();
const services = testServices(database);
const blank = { mailsPerDay: null, recipientsPerMail: null, highReserve: 0 };

let scene: Scene;
let ctx: Context;
let operator: Context;
let stranger: Context;
let smtp: { organization: Scene['organization']; protocol: 'smtp' };

beforeEach(async () => {
  scene = await makeScene(database, { port: 25 }, await makeOrganization(database));
  const { organization } = scene;
  smtp = { organization, protocol: 'smtp' };
  ctx = await memberContext(organization, 'administrator');
  operator = await memberContext(organization, 'operator');
  stranger = await memberContext(await makeOrganization(database), 'owner');
});

async function memberContext(
  organization: Scene['organization'],
  role: 'owner' | 'administrator' | 'operator',
): Promise<Context> {
  const member = await makeMember(database, organization, role);
  return contextOf(services, organization, userActor(member, role));
}

async function lastEntry() {
  const { entries } = await listAuditEntries(ctx, { limit: 1 });
  return entries[0];
}

async function raisedAt(): Promise<Date | null | undefined> {
  const rows = await sqlRows<{ raised_at: Date | null }>(
    database,
    `select raised_at from mailroom.limit_scopes where organization_id = $1 and protocol = 'smtp'`,
    [scene.organization.id],
  );
  return rows[0]?.raised_at;
}

describe('saving a limit', () => {
  test('sets its numbers and records what was before', async () => {
    await saveLimit(ctx, { scope: 'smtp', mailsPerDay: 20_000, recipientsPerMail: 100, expected: blank });
    expect((await readLimits(ctx, {})).scopes[0]).toMatchObject({
      id: 'smtp',
      dayKey: 'MAIL_LIMIT_PER_DAY_SMTP',
      recipientsKey: 'RECIPIENTS_LIMIT_PER_MAIL_SMTP',
      mailsPerDay: 20_000,
      recipientsPerMail: 100,
      used: 0,
    });
    expect(await lastEntry()).toMatchObject({
      action: 'limits.saved',
      words: 'changed a limit',
      object: { kind: 'limit', label: 'SMTP' },
      detail: { scope: 'smtp', before: blank, after: { mailsPerDay: 20_000, recipientsPerMail: 100 } },
    });
  });

  test("sets a project's own pair, by short name and by id", async () => {
    const { slug, id } = scene.project;
    await saveLimit(ctx, { scope: `project:${slug}`, mailsPerDay: 5, expected: blank });
    await saveLimit(ctx, { scope: `project:${id}`, mailsPerDay: 7, expected: { ...blank, mailsPerDay: 5 } });
    const { scopes } = await readLimits(ctx, { project: slug });
    expect(scopes.map((scope) => [scope.id, scope.mailsPerDay])).toEqual([
      ['smtp', null],
      [`project:${id}`, 7],
    ]);
    expect((await readLimits(ctx, {})).scopes.map((scope) => scope.id)).toEqual([
      'smtp',
      'ews',
      'graph',
      `project:${id}`,
    ]);
    expect((await lastEntry())?.project).toMatchObject({ id });
  });

  test('a raise and a removal are causes of auto resume, a lowering is none', async () => {
    const first = await saveLimit(ctx, { scope: 'smtp', mailsPerDay: 10, expected: blank });
    expect([first.isRaise, await raisedAt()]).toEqual([false, null]);
    await saveLimit(ctx, { scope: 'smtp', mailsPerDay: 5, expected: { ...blank, mailsPerDay: 10 } });
    expect(await raisedAt()).toBeNull();
    await saveLimit(ctx, { scope: 'smtp', mailsPerDay: 6, expected: { ...blank, mailsPerDay: 5 } });
    const raised = await raisedAt();
    expect(raised).toBeInstanceOf(Date);
    await saveLimit(ctx, { scope: 'smtp', mailsPerDay: null, expected: { ...blank, mailsPerDay: 6 } });
    expect((await raisedAt())?.getTime()).toBeGreaterThan(raised?.getTime() ?? 0);
  });

  test('0 is refused and says what to do instead (PRODUCT 5.1); other nonsense too', async () => {
    const saving = (change: object) => saveLimit(ctx, { scope: 'smtp', ...change, expected: blank });
    await expect(saving({ mailsPerDay: 0 })).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [
        { field: 'mailsPerDay', message: '0 is not a limit. To stop all mail, pause sending instead.' },
      ],
    });
    await expect(saving({ recipientsPerMail: 0 })).rejects.toMatchObject({
      issues: [{ field: 'recipientsPerMail' }],
    });
    for (const mailsPerDay of [-1, 1.5, 3_000_000_000, '7']) {
      await expect(saving({ mailsPerDay })).rejects.toMatchObject({ code: 'invalid_input' });
    }
    await expect(saving({ mailsPerDay: 10, highReserve: 11 })).rejects.toMatchObject({
      issues: [{ field: 'highReserve' }],
    });
    await expect(saveLimit(ctx, { scope: 'pigeon', expected: blank })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  test('what is set aside goes with the limit', async () => {
    await saveLimit(ctx, { scope: 'smtp', mailsPerDay: 10, highReserve: 4, expected: blank });
    const set = { mailsPerDay: 10, recipientsPerMail: null, highReserve: 4 };
    await expect(saveLimit(ctx, { scope: 'smtp', mailsPerDay: 3, expected: set })).rejects.toMatchObject({
      issues: [{ field: 'mailsPerDay' }],
    });
    expect(await saveLimit(ctx, { scope: 'smtp', mailsPerDay: null, expected: set })).toMatchObject(blank);
  });

  test('refuses when another has changed it meanwhile, naming who', async () => {
    await saveLimit(ctx, { scope: 'smtp', mailsPerDay: 10, expected: blank });
    await expect(saveLimit(ctx, { scope: 'smtp', mailsPerDay: 20, expected: blank })).rejects.toMatchObject({
      code: 'version_conflict',
      message: expect.stringContaining('changed this limit first'),
      data: { mailsPerDay: 10, savedBy: expect.any(String) },
    });
    const both = [30, 40].map((mailsPerDay) =>
      saveLimit(ctx, { scope: 'smtp', mailsPerDay, expected: { ...blank, mailsPerDay: 10 } }),
    );
    const settled = await Promise.allSettled(both);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('waits for a mail that is just being counted', async () => {
    await setLimit(database, smtp, { mailsPerDay: 10 });
    const client = await database.pool.connect();
    await client.query('begin');
    await client.query(
      `select from mailroom.limit_scopes where organization_id = $1 and protocol = 'smtp' for no key update`,
      [scene.organization.id],
    );
    const order: string[] = [];
    const saving = saveLimit(ctx, { scope: 'smtp', mailsPerDay: 5, expected: { ...blank, mailsPerDay: 10 } });
    void saving.then(() => order.push('saved'));
    await readLimits(ctx, {});
    order.push('counted');
    await client.query('commit');
    client.release();
    await saving;
    expect(order).toEqual(['counted', 'saved']);
  });
});

describe('who may', () => {
  const writes = (by: Context): readonly (() => Promise<unknown>)[] => [
    () => saveLimit(by, { scope: 'smtp', mailsPerDay: 1, expected: blank }),
    () => saveLimitPolicy(by, { recipientsPolicy: 'split' }),
    () => saveLimitCalendar(by, { kind: 'rolling' }),
    () => saveAutoResume(by, { project: null, autoResume: true, threshold: null }),
  ];

  test('an operator reads and changes nothing', async () => {
    for (const write of writes(operator)) await expect(write()).rejects.toMatchObject({ code: 'forbidden' });
    const project = saveAutoResume(operator, { project: scene.project.slug, autoResume: true, threshold: 5 });
    await expect(project).rejects.toMatchObject({ code: 'forbidden' });
    expect(await readLimits(operator, {})).toMatchObject({ canWrite: false });
    expect(await lastEntry()).toBeUndefined();
  });

  test('a member of one project sees that project, and not the organization', async () => {
    const member = await makeMember(database, scene.organization, 'administrator', {
      projectIds: [scene.project.id],
    });
    const narrow = contextOf(
      services,
      scene.organization,
      userActor(member, 'administrator', [scene.project.id]),
    );
    const other = await makeScene(database, { port: 25 }, scene.organization);
    await expect(readLimits(narrow, {})).rejects.toMatchObject({ code: 'forbidden' });
    await expect(readLimits(narrow, { project: other.project.slug })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await readLimits(narrow, { project: scene.project.slug })).scopes).toHaveLength(2);
    await saveLimit(narrow, { scope: `project:${scene.project.slug}`, mailsPerDay: 5, expected: blank });
    await expect(saveLimit(narrow, { scope: 'smtp', mailsPerDay: 5, expected: blank })).rejects.toMatchObject(
      {
        code: 'forbidden',
      },
    );
  });

  test('another organization finds nothing and changes only its own', async () => {
    const { slug, id } = scene.project;
    for (const scope of [`project:${slug}`, `project:${id}`]) {
      const notFound = { code: 'not_found' };
      await expect(saveLimit(stranger, { scope, mailsPerDay: 1, expected: blank })).rejects.toMatchObject(
        notFound,
      );
      await expect(previewLimitChange(stranger, { scope, mailsPerDay: 1 })).rejects.toMatchObject(notFound);
      await expect(readLimitHistory(stranger, { scope })).rejects.toMatchObject(notFound);
    }
    await expect(readLimits(stranger, { project: slug })).rejects.toMatchObject({ code: 'not_found' });
    await expect(readProjectLimits(stranger, { project: id })).rejects.toMatchObject({ code: 'not_found' });
    const resume = saveAutoResume(stranger, { project: slug, autoResume: true, threshold: null });
    await expect(resume).rejects.toMatchObject({ code: 'not_found' });
    for (const write of writes(stranger)) await write();
    const mine = await readLimits(ctx, {});
    expect(mine).toMatchObject({
      policy: { recipientsPolicy: 'hold', autoResume: false },
      nextWindow: null,
      scopes: [{ mailsPerDay: null }, {}, {}],
    });
  });
});

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
    expect((await readLimits(ctx, {})).scopes[0]?.expectedByEnd).toBeNull();
    await useUp(database, smtp, { mails: 5 });
    const day = 24 * 60;
    // A minute ahead of this time of day, so that it is still to come today; and one that is past.
    await useUp(database, smtp, { mails: 40, minutesAgo: day - 1 });
    await useUp(database, smtp, { mails: 15, held: 5, minutesAgo: 2 * day - 1 });
    await useUp(database, smtp, { mails: 999, minutesAgo: 2 * day + 1 });
    const { window, scopes, now } = await readLimits(ctx, {});
    const isMinuteLeft = Date.parse(window.endsAt ?? '') - Date.parse(now) > 90_000;
    const isMinutePast = Date.parse(now) - Date.parse(window.startsAt) > 90_000;
    if (isMinuteLeft && isMinutePast) expect(scopes[0]?.expectedByEnd).toBe(5 + 30);
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
