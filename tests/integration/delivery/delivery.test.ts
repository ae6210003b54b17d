import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Context } from '#lib/context.ts';
import { previewDelivery } from '#lib/delivery/preview-delivery.ts';
import { readDelivery } from '#lib/delivery/read-delivery.ts';
import { saveDelivery } from '#lib/delivery/save-delivery.ts';
import type { DeliveryRules } from '#lib/delivery/schemas.ts';
import { archiveProject } from '#lib/organizations/archive-project.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { defaultRetrySchedule } from '#lib/settings/schemas.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  makeProject,
  type TestOrganization,
  type TestProject,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { accepted, sqlRows } from '../messages/scene.ts';
import { smtpInput } from '../settings/smtp-input.ts';

let db: TestDatabase;
let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeAll(async () => {
  db = await createTestDatabase();
});

beforeEach(async () => {
  organization = await makeOrganization(db.database);
  project = await makeProject(db.database, organization);
  ctx = contextOf(testServices(db.database), organization);
  await saveMailSettings(ctx, { ...at(), input: smtpInput(), expectedVersion: null });
});

const at = () => ({ project: project.slug });
const rules: DeliveryRules = {
  retry: { ...defaultRetrySchedule, firstWaitSeconds: 300, giveUpAfterHours: 24 },
  uncertain: 'hold',
};

async function laneOf() {
  const [lane] = await sqlRows<{ stopped: boolean; wait_kind: string | null; active_endpoint: string }>(
    db.database,
    'select stopped_at is not null as stopped, wait_kind, active_endpoint from mailroom.lanes where id = $1',
    [project.laneId],
  );
  return lane;
}

test('a saved schedule is a version of the settings with before and after, and what was learned of the server stays', async () => {
  await sqlRows(
    db.database,
    `update mailroom.lanes set stopped_at = mailroom.now(), active_endpoint = 'alternate' where id = $1`,
    [project.laneId],
  );
  const saved = await saveDelivery(ctx, { ...at(), rules, expectedVersion: 1 });
  expect(saved).toMatchObject({ version: 2 });
  expect(await readDelivery(ctx, at())).toMatchObject({ version: 2, rules, looks: 'smtp', uncertain: 0 });
  expect(await laneOf()).toMatchObject({ stopped: true, active_endpoint: 'alternate' });
  const [entry] = await sqlRows<{ action: string; actor_label: string; detail: unknown }>(
    db.database,
    'select action, actor_label, detail from mailroom.audit_entries where organization_id = $1 order by id desc limit 1',
    [organization.id],
  );
  expect(entry).toMatchObject({
    action: 'mail_settings.saved',
    actor_label: 'test',
    detail: {
      version: 2,
      changes: expect.arrayContaining([
        expect.objectContaining({ field: 'sending.retry.firstWaitSeconds', before: '1 min', after: '5 min' }),
        expect.objectContaining({ field: 'sending.uncertain', after: 'Hold for a person' }),
      ]),
    },
  });
  const [version] = await sqlRows<{ document: { connection: object } }>(
    db.database,
    'select document from mailroom.mail_settings_versions where project_id = $1 and version = 2',
    [project.id],
  );
  expect(version?.document.connection).toMatchObject({ host: 'smtp.example.com' });
});

test('saving what stands adds no version; a version that is old by now is refused by name', async () => {
  const before = await readDelivery(ctx, at());
  expect(await saveDelivery(ctx, { ...at(), rules: before.rules, expectedVersion: 1 })).toEqual({
    version: 1,
    changes: [],
  });
  // A double click: the second finds what the first has saved.
  const both = await Promise.allSettled([
    saveDelivery(ctx, { ...at(), rules, expectedVersion: 1 }),
    saveDelivery(ctx, { ...at(), rules, expectedVersion: 1 }),
  ]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'version_conflict', message: 'test saved version 2 first.' },
  });
});

test.each([
  ['no wait', { firstWaitSeconds: 0 }, 'firstWaitSeconds', 'The first wait is from 5 seconds to 1 day'],
  ['a negative one', { firstWaitSeconds: -60 }, 'firstWaitSeconds', 'The first wait is from 5 seconds'],
  ['a shrinking wait', { factor: 0.5 }, 'factor', 'The growth is from 1'],
  [
    'a longest wait below the first',
    { maxWaitSeconds: 30 },
    'maxWaitSeconds',
    'at least as long as the first',
  ],
  ['too much jitter', { jitterPercent: 51 }, 'jitterPercent', 'The jitter is from 0 to 50 percent'],
  ['31 days', { giveUpAfterHours: 31 * 24 }, 'giveUpAfterHours', 'after 1 hour to 30 days'],
  ['no time at all', { giveUpAfterHours: 0 }, 'giveUpAfterHours', 'after 1 hour to 30 days'],
  [
    'thousands of tries',
    { firstWaitSeconds: 5, factor: 1, maxWaitSeconds: 5 },
    'giveUpAfterHours',
    'more than 500 tries',
  ],
])('%s is refused at its field, in the preview and on saving', async (_what, change, field, words) => {
  const wrong = { ...rules, retry: { ...rules.retry, ...change } };
  const refusal = {
    code: 'invalid_input',
    issues: [{ field: `rules.retry.${field}`, message: expect.stringContaining(words) }],
  };
  await expect(previewDelivery(ctx, { ...at(), rules: wrong })).rejects.toMatchObject(refusal);
  await expect(saveDelivery(ctx, { ...at(), rules: wrong, expectedVersion: 1 })).rejects.toMatchObject(
    refusal,
  );
  expect((await readDelivery(ctx, at())).version).toBe(1);
});

test('the mail settings refuse such a schedule too, and keep one that stood there before', async () => {
  const restless = { ...defaultRetrySchedule, firstWaitSeconds: 5, factor: 1, maxWaitSeconds: 5 };
  const input = smtpInput({ sending: { ...smtpInput().sending, retry: restless } });
  await expect(saveMailSettings(ctx, { ...at(), input, expectedVersion: 1 })).rejects.toMatchObject({
    issues: [{ field: 'sending.retry.giveUpAfterHours' }],
  });
  await sqlRows(
    db.database,
    `insert into mailroom.mail_settings_versions
       (id, organization_id, project_id, version, document, origin, changes, actor_kind, actor_label)
     select gen_random_uuid(), organization_id, project_id, 2, jsonb_set(document, '{sending,retry}', $2), 'saved', '[]',
       'operator', 'test'
     from mailroom.mail_settings_versions where project_id = $1 and version = 1`,
    [project.id, JSON.stringify(restless)],
  );
  await sqlRows(db.database, 'update mailroom.projects set settings_version = 2 where id = $1', [project.id]);
  await expect(
    saveMailSettings(ctx, {
      ...at(),
      input: { ...input, sender: { ...input.sender, name: 'Another' } },
      expectedVersion: 2,
    }),
  ).resolves.toMatchObject({ version: 3 });
});

test('only administrators change it, nobody of another tenant sees it, an archived project stays as it is', async () => {
  const operator = userActor(await makeMember(db.database, organization, 'operator'), 'operator');
  const byOperator = { ...ctx, actor: operator };
  await expect(saveDelivery(byOperator, { ...at(), rules, expectedVersion: 1 })).rejects.toMatchObject({
    code: 'forbidden',
  });
  expect(await readDelivery(byOperator, at())).toMatchObject({ canWrite: false });
  const stranger = contextOf(testServices(db.database), await makeOrganization(db.database));
  for (const given of [at(), { project: project.id }]) {
    await expect(readDelivery(stranger, given)).rejects.toMatchObject({ code: 'not_found' });
    await expect(previewDelivery(stranger, { ...given, rules })).rejects.toMatchObject({ code: 'not_found' });
    await expect(saveDelivery(stranger, { ...given, rules, expectedVersion: 1 })).rejects.toMatchObject({
      code: 'not_found',
    });
  }
  await archiveProject(ctx, at());
  await expect(saveDelivery(ctx, { ...at(), rules, expectedVersion: 1 })).rejects.toMatchObject({
    code: 'archived',
  });
});

const preview = (hours: number) =>
  previewDelivery(ctx, {
    ...at(),
    rules: { ...rules, retry: { ...defaultRetrySchedule, giveUpAfterHours: hours } },
  });

test('the preview counts the mails that keep their next time, and those for which it is the last', async () => {
  const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Hello' };
  const ids: string[] = [];
  for (let count = 0; count < 4; count += 1) ids.push(await accepted(ctx, project.slug, letter));
  // One has run for 30 h of its clock and waits for 4 h more, one has just begun; the others were never tried.
  await sqlRows(
    db.database,
    `update mailroom.messages set state = 'retrying', attempt_count = 8, waited_ms = $2, waited_from = mailroom.now(),
       next_attempt_at = mailroom.now() + interval '4 hours' where id = $1`,
    [ids[0], 30 * 3_600_000],
  );
  await sqlRows(
    db.database,
    `update mailroom.messages set state = 'retrying', attempt_count = 1, waited_from = mailroom.now(),
       next_attempt_at = mailroom.now() + interval '1 minute' where id = $1`,
    [ids[1]],
  );
  expect(await preview(48)).toEqual({ retrying: 2, lastTry: 0 });
  expect(await preview(36)).toEqual({ retrying: 2, lastTry: 1 });
  expect(await preview(1)).toEqual({ retrying: 2, lastTry: 1 });
});
