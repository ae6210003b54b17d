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
import { setLimit } from './limit-scene.ts';

const { database } = await createTestDatabase();
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

function writes(by: Context): readonly (() => Promise<unknown>)[] {
  return [
    () => saveLimit(by, { scope: 'smtp', mailsPerDay: 1, expected: blank }),
    () => saveLimitPolicy(by, { recipientsPolicy: 'split' }),
    () => saveLimitCalendar(by, { kind: 'rolling' }),
    () => saveAutoResume(by, { project: null, autoResume: true, threshold: null }),
  ];
}

describe('who may', () => {
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
