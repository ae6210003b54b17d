import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { archiveProject } from '#lib/organizations/archive-project.ts';
import { destroySupersededSecrets } from '#lib/settings/destroy-superseded-secrets.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { openSavedSettings } from '#lib/settings/open-draft-settings.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { switchOffEmailDebug } from '#lib/settings/switch-off-email-debug.ts';
import { createTestDatabase } from '#tests/support/database.ts';
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
import { plainPassword, smtpInput } from './smtp-input.ts';

// One connection, so that a shift of the clock, which new sessions take, is made inside it.
const { database } = await createTestDatabase({ maxConnections: 1 });
const services = testServices(database);
let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  await shiftClock('0');
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
});

async function shiftClock(interval: string) {
  await database.pool.query(`select set_config('mailroom.clock_offset', $1, false)`, [interval]);
}

function save(expectedVersion: number | null, changes: Parameters<typeof smtpInput>[0] = {}) {
  return saveMailSettings(ctx, { project: project.slug, input: smtpInput(changes), expectedVersion });
}

async function actions(): Promise<unknown[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ action: string }>(
      'select action from mailroom.audit_entries where project_id = $1 order by id',
      [project.id],
    ),
  );
  return rows.map(({ action }) => action);
}

async function sealedCount(): Promise<number> {
  const { rowCount } = await asOwner(database, (tx) =>
    tx.query('select 1 from mailroom.secrets where project_id = $1 and sealed is not null', [project.id]),
  );
  return rowCount ?? 0;
}

async function startMail(settingsVersion: number) {
  await asOwner(database, (tx) =>
    tx.query(
      `insert into mailroom.queue_entries
         (message_id, organization_id, project_id, priority, due_at, attempt_id, settings_version)
       values (gen_random_uuid(), $1, $2, 1, mailroom.now(), gen_random_uuid(), $3)`,
      [organization.id, project.id, settingsVersion],
    ),
  );
}

describe('pausing', () => {
  test('stands until a person starts sending again, and both are audited', async () => {
    const operator = await makeMember(database, organization, 'operator');
    const asOperator = contextOf(services, organization, userActor(operator, 'operator'));
    expect(await pauseSending(asOperator, { project: project.slug })).toEqual({ laneId: project.laneId });
    expect((await getMailSettings(ctx, { project: project.slug })).pause).toMatchObject({
      by: operator.email,
      reason: 'by_hand',
    });
    await resumeSending(ctx, { project: project.slug });
    expect((await getMailSettings(ctx, { project: project.slug })).pause).toBeNull();
    expect(await actions()).toEqual(['sending.paused', 'sending.resumed']);
  });

  test('twice keeps the first name and writes nothing new', async () => {
    await pauseSending(ctx, { project: project.slug });
    await pauseSending(ctx, { project: project.slug });
    await resumeSending(ctx, { project: project.slug });
    await resumeSending(ctx, { project: project.slug });
    expect(await actions()).toEqual(['sending.paused', 'sending.resumed']);
  });

  test.each(['viewer', 'auditor'] as const)('is refused to a %s', async (role) => {
    const member = await makeMember(database, organization, role);
    const as = contextOf(services, organization, userActor(member, role));
    await expect(pauseSending(as, { project: project.slug })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(resumeSending(as, { project: project.slug })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('of another organization is not found, of an archived project refused', async () => {
    const stranger = contextOf(services, await makeOrganization(database));
    await expect(pauseSending(stranger, { project: project.id })).rejects.toMatchObject({
      code: 'not_found',
    });
    await archiveProject(ctx, { project: project.slug });
    await expect(pauseSending(ctx, { project: project.slug })).rejects.toMatchObject({ code: 'archived' });
    await expect(save(null)).rejects.toMatchObject({ code: 'archived' });
  });
});

describe('email debug', () => {
  test('switches itself off when its time has ended, as a version by Mailroom', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await save(null, { debug: { until } });
    expect(await switchOffEmailDebug(services)).toBe(0);
    await shiftClock('2 hours');
    expect(await switchOffEmailDebug(services)).toBe(1);
    expect(await switchOffEmailDebug(services)).toBe(0);
    const view = await getMailSettings(ctx, { project: project.slug });
    expect(view).toMatchObject({
      version: 2,
      settings: { debug: { until: null } },
      lastChange: {
        origin: 'switched_off',
        by: 'Mailroom',
        from: 'Mailroom',
        changes: [{ field: 'debug.until' }],
      },
    });
    expect((await openSavedSettings(ctx, { project: project.slug })).opened.password).toBe(plainPassword);
  });
});

describe('superseded secrets', () => {
  test('are destroyed after a minute, the current ones never', async () => {
    await save(null);
    await save(1);
    await destroySupersededSecrets(services);
    expect(await sealedCount()).toBe(2);
    await shiftClock('2 minutes');
    await destroySupersededSecrets(services);
    expect(await sealedCount()).toBe(1);
    expect((await openSavedSettings(ctx, { project: project.slug })).opened.password).toBe(plainPassword);
  });

  test('stay while a mail on its way uses them', async () => {
    await save(null);
    await startMail(1);
    await saveMailSettings(ctx, {
      project: project.slug,
      input: smtpInput(),
      expectedVersion: 1,
      whileSending: 'save_only',
    });
    await shiftClock('2 minutes');
    await destroySupersededSecrets(services);
    expect(await sealedCount()).toBe(2);
    await asOwner(database, (tx) =>
      tx.query('delete from mailroom.queue_entries where project_id = $1', [project.id]),
    );
    await destroySupersededSecrets(services);
    expect(await sealedCount()).toBe(1);
  });
});
