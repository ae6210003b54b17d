import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner, withTenant } from '#db/client.ts';
import { tenantScope, type Context } from '#lib/context.ts';
import { openMailSettings } from '#lib/settings/open-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
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
import { keptSignIn, plainPassword, smtpConnection, smtpInput } from './smtp-input.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  const admin = await makeMember(database, organization, 'administrator');
  ctx = contextOf(services, organization, userActor(admin, 'administrator'));
});

function save(changes: Partial<Parameters<typeof saveMailSettings>[1]> = {}, as: Context = ctx) {
  return saveMailSettings(as, {
    project: project.slug,
    input: smtpInput(),
    expectedVersion: null,
    ...changes,
  });
}

function open(version: number) {
  return withTenant(database, tenantScope(ctx), (tx) =>
    openMailSettings(tx, services.keyring, {
      organizationId: organization.id,
      projectId: project.id,
      version,
    }),
  );
}

function rowsOf(sql: string) {
  return asOwner(database, (tx) => tx.query<Record<string, unknown>>(sql, [project.id]));
}

async function queueMail(count: number) {
  await asOwner(database, (tx) =>
    tx.query(
      `insert into mailroom.queue_entries (message_id, organization_id, project_id, priority, due_at)
       select gen_random_uuid(), $1, $2, 1, mailroom.now() from generate_series(1, $3)`,
      [organization.id, project.id, count],
    ),
  );
}

describe('a first save', () => {
  test('becomes version 1, with the password sealed and opened again', async () => {
    const saved = await save();
    expect(saved).toMatchObject({ version: 1, laneId: project.laneId, isPaused: false });
    expect(await open(1)).toMatchObject({ version: 1, password: plainPassword, proxyPassword: null });
  });

  test('leaves the password in no version, audit row or answer', async () => {
    const saved = await save();
    const versions = await rowsOf('select * from mailroom.mail_settings_versions where project_id = $1');
    const audit = await rowsOf('select * from mailroom.audit_entries where project_id = $1');
    expect(audit.rows).toHaveLength(1);
    expect(audit.rows[0]).toMatchObject({ action: 'mail_settings.saved', actor_kind: 'user' });
    const sealed = await rowsOf('select sealed from mailroom.secrets where project_id = $1');
    expect(String(sealed.rows[0]?.['sealed'])).not.toContain(plainPassword);
    expect(JSON.stringify([saved, versions.rows, audit.rows])).not.toContain(plainPassword);
  });

  test('names every field with what it reads as', async () => {
    const { changes } = await save();
    expect(changes).toContainEqual({ kind: 'value', field: 'connection.port', before: null, after: '587' });
    expect(changes).toContainEqual({
      kind: 'secret',
      field: 'connection.authentication.password',
      change: 'set',
    });
  });
});

describe('a later save', () => {
  test('records only what changed, old and new', async () => {
    await save();
    const { version, changes } = await save({
      input: smtpInput({
        sender: { name: 'Billing', address: 'billing@example.com', replyTo: null },
        connection: smtpConnection({ authentication: keptSignIn }),
      }),
      expectedVersion: 1,
    });
    expect(version).toBe(2);
    expect(changes).toEqual([
      { kind: 'value', field: 'sender.name', before: 'Northwind Billing', after: 'Billing' },
    ]);
    expect((await open(2)).password).toBe(plainPassword);
  });

  test('of the same values adds no version, and still clears the lane', async () => {
    await save();
    await asOwner(database, (tx) =>
      tx.query(
        `update mailroom.lanes set stopped_at = mailroom.now(), active_endpoint = 'alternate', wait_kind = 'unreachable',
           alternate_since = mailroom.now(), both_down_since = mailroom.now(), rate_factor = 0.5 where id = $1`,
        [project.laneId],
      ),
    );
    const input = smtpInput({ connection: smtpConnection({ authentication: keptSignIn }) });
    expect(await save({ input, expectedVersion: 1 })).toMatchObject({ version: 1, changes: [] });
    const { rows } = await asOwner(database, (tx) =>
      tx.query(
        `select stopped_at, active_endpoint, wait_kind, alternate_since, both_down_since, rate_factor
         from mailroom.lanes where id = $1`,
        [project.laneId],
      ),
    );
    expect(rows).toEqual([
      {
        stopped_at: null,
        active_endpoint: 'primary',
        wait_kind: null,
        alternate_since: null,
        both_down_since: null,
        rate_factor: 1,
      },
    ]);
    const told = await asOwner(database, (tx) =>
      tx.query(
        `select detail->>'why' as why from mailroom.audit_entries
         where project_id = $1 and action = 'lane.reconnected_to_primary'`,
        [project.id],
      ),
    );
    expect(told.rows).toEqual([{ why: 'settings_saved' }]);
  });

  test('from an old version is refused with the name of who saved first', async () => {
    await save();
    await save({ expectedVersion: 1 });
    await expect(save({ expectedVersion: 1 })).rejects.toMatchObject({
      code: 'version_conflict',
      data: { version: 2, savedBy: expect.stringContaining('@example.test') as unknown },
    });
  });

  test('two at once: one is saved, the other is told', async () => {
    await save();
    const results = await Promise.allSettled([save({ expectedVersion: 1 }), save({ expectedVersion: 1 })]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('that moves the kept password asks for it again, and saves nothing', async () => {
    await save();
    const input = smtpInput({
      connection: smtpConnection({ host: 'smtp.elsewhere.example', authentication: keptSignIn }),
    });
    await expect(save({ input, expectedVersion: 1 })).rejects.toMatchObject({
      code: 'secret_required',
      issues: [{ field: 'connection.authentication.password' }],
    });
    const { rows } = await rowsOf('select 1 from mailroom.mail_settings_versions where project_id = $1');
    expect(rows).toHaveLength(1);
  });
});

describe('while mail is being sent', () => {
  test('asks first, with the counts', async () => {
    await save();
    await queueMail(3);
    await expect(save({ expectedVersion: 1 })).rejects.toMatchObject({
      code: 'sending_active',
      data: { sending: 0, waiting: 3 },
    });
  });

  test('"pause and save" pauses in the same transaction, by hand to be started again', async () => {
    await save();
    await queueMail(1);
    expect(await save({ expectedVersion: 1, whileSending: 'pause_and_save' })).toMatchObject({
      version: 2,
      isPaused: true,
    });
    const { rows } = await rowsOf(
      'select paused_at is not null as paused, pause_reason from mailroom.projects where id = $1',
    );
    expect(rows).toEqual([{ paused: true, pause_reason: 'editing' }]);
    const audit = await rowsOf('select action from mailroom.audit_entries where project_id = $1 order by id');
    expect(audit.rows.map(({ action }) => action)).toEqual([
      'mail_settings.saved',
      'sending.paused',
      'mail_settings.saved',
    ]);
  });

  test('"save only" saves and leaves sending on', async () => {
    await save();
    await queueMail(1);
    expect(await save({ expectedVersion: 1, whileSending: 'save_only' })).toMatchObject({ isPaused: false });
  });

  test('a paused project asks nothing', async () => {
    await save();
    await queueMail(1);
    await save({ expectedVersion: 1, whileSending: 'pause_and_save' });
    expect(await save({ expectedVersion: 2 })).toMatchObject({ version: 3, isPaused: true });
  });
});

describe('is refused', () => {
  test.each(['operator', 'auditor', 'viewer'] as const)('to a %s', async (role) => {
    const member = await makeMember(database, organization, role);
    await expect(save({}, contextOf(services, organization, userActor(member, role)))).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('to an administrator of other projects only, as if it were not there', async () => {
    const other = await makeProject(database, organization);
    const member = await makeMember(database, organization, 'administrator', { projectIds: [other.id] });
    const actor = userActor(member, 'administrator', [other.id]);
    await expect(save({}, contextOf(services, organization, actor))).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('from another organization', async () => {
    const stranger = contextOf(services, await makeOrganization(database));
    await expect(save({ project: project.id }, stranger)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('with every wrong field named', async () => {
    const input = {
      ...smtpInput({ connection: smtpConnection({ host: 'not a host', port: 0 }) }),
      sender: { name: 'Line\r\nBcc: someone@example.com', address: 'nobody', replyTo: '' },
    };
    const refusal = save({ input });
    await expect(refusal).rejects.toMatchObject({ code: 'invalid_input' });
    const fields = await refusal.catch((error: { issues: { field: string }[] }) =>
      error.issues.map(({ field }) => field),
    );
    expect(fields).toEqual(['sender.name', 'sender.address', 'connection.host', 'connection.port']);
  });
});
