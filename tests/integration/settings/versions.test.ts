import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { clearMailSettings } from '#lib/settings/clear-mail-settings.ts';
import { compareSettingsVersions } from '#lib/settings/compare-settings-versions.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { listSettingsVersions } from '#lib/settings/list-settings-versions.ts';
import { openDraftSettings, openSavedSettings } from '#lib/settings/open-draft-settings.ts';
import { restoreMailSettings } from '#lib/settings/restore-mail-settings.ts';
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
  await saveMailSettings(ctx, { project: project.slug, input: smtpInput(), expectedVersion: null });
});

async function asRole(role: 'operator' | 'viewer'): Promise<Context> {
  const member = await makeMember(database, organization, role);
  return contextOf(services, organization, userActor(member, role));
}

function saveSender(name: string, expectedVersion: number) {
  return saveMailSettings(ctx, {
    project: project.slug,
    input: smtpInput({
      sender: { name, address: 'billing@example.com', replyTo: null },
      connection: smtpConnection({ authentication: keptSignIn }),
    }),
    expectedVersion,
  });
}

function moveServer(host: string, expectedVersion: number) {
  return saveMailSettings(ctx, {
    project: project.slug,
    input: smtpInput({ connection: smtpConnection({ host }) }),
    expectedVersion,
  });
}

describe('the public view', () => {
  test('has everything but the secret, which reads as when and by whom', async () => {
    const view = await getMailSettings(ctx, { project: project.slug });
    expect(JSON.stringify(view)).not.toContain(plainPassword);
    expect(view).toMatchObject({
      version: 1,
      pause: null,
      may: { write: true, test: true, pause: true },
      lastChange: { version: 1, isCurrent: true, from: 'portal', sourceIp: '192.0.2.10' },
      settings: {
        connection: {
          host: 'smtp.example.com',
          authentication: {
            userName: 'billing@example.com',
            password: { setBy: expect.stringContaining('@example.test') as unknown },
          },
        },
      },
    });
  });

  test('is for everybody who may read settings, not for keys and strangers', async () => {
    const viewer = await getMailSettings(await asRole('viewer'), { project: project.slug });
    expect(viewer.may).toEqual({ write: false, test: false, pause: false });
    const stranger = contextOf(services, await makeOrganization(database));
    await expect(getMailSettings(stranger, { project: project.id })).rejects.toMatchObject({
      code: 'not_found',
    });
    const key = contextOf(services, organization, {
      kind: 'key',
      keyId: project.id,
      label: 'Key',
      projectId: project.id,
      scopes: ['read'],
    });
    await expect(getMailSettings(key, { project: project.id })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('the history', () => {
  test('lists every version, newest first, page by page', async () => {
    await saveSender('Two', 1);
    await saveSender('Three', 2);
    const first = await listSettingsVersions(ctx, { project: project.slug, limit: 2 });
    expect(first.versions.map(({ version }) => version)).toEqual([3, 2]);
    expect(first.versions[0]?.changes).toEqual([
      {
        kind: 'value',
        field: 'sender.name',
        before: 'Two',
        after: 'Three',
        label: 'Sender name',
        group: 'sender',
      },
    ]);
    const rest = await listSettingsVersions(ctx, { project: project.slug, before: first.next ?? 0 });
    expect(rest).toMatchObject({ versions: [{ version: 1 }], next: null });
  });

  test('is filtered by field', async () => {
    await saveSender('Two', 1);
    const { versions } = await listSettingsVersions(ctx, { project: project.slug, field: 'connection.port' });
    expect(versions.map(({ version }) => version)).toEqual([1]);
  });

  test('is append-only, for the owner of the tables too', async () => {
    const change = asOwner(database, (tx) =>
      tx.query('update mailroom.mail_settings_versions set changes = $2 where project_id = $1', [
        project.id,
        '[]',
      ]),
    );
    await expect(change).rejects.toThrow('append-only');
  });

  test('compares two versions, field by field, and says what a restore would ask for', async () => {
    await moveServer('smtp.other.example', 1);
    const compared = await compareSettingsVersions(ctx, { project: project.slug, from: 1, to: 2 });
    const different = compared.fields.filter(({ isDifferent }) => isDifferent);
    expect(different).toMatchObject([
      { field: 'connection.host', kind: 'value', from: 'smtp.example.com', to: 'smtp.other.example' },
      { field: 'connection.authentication.password', kind: 'secret' },
    ]);
    expect(compared.restoreAsksFor).toEqual(['connection.authentication.password']);
    expect(JSON.stringify(compared)).not.toContain(plainPassword);
  });
});

describe('a restore', () => {
  test('saves the old values as a new version and keeps the secret at the same place', async () => {
    await saveSender('Two', 1);
    const restored = await restoreMailSettings(ctx, {
      project: project.slug,
      version: 1,
      expectedVersion: 2,
    });
    expect(restored.version).toBe(3);
    const { versions } = await listSettingsVersions(ctx, { project: project.slug, limit: 1 });
    expect(versions[0]).toMatchObject({ origin: 'restored', restoredVersion: 1, version: 3 });
    expect((await openSavedSettings(ctx, { project: project.slug })).opened).toMatchObject({
      password: plainPassword,
      document: { sender: { name: 'Northwind Billing' } },
    });
  });

  test('to another server asks for the password, and takes it', async () => {
    await moveServer('smtp.other.example', 1);
    const restore = { project: project.slug, version: 1, expectedVersion: 2 };
    await expect(restoreMailSettings(ctx, restore)).rejects.toMatchObject({ code: 'secret_required' });
    await restoreMailSettings(ctx, { ...restore, password: 'typed again' });
    const { opened } = await openSavedSettings(ctx, { project: project.slug });
    expect(opened).toMatchObject({
      password: 'typed again',
      document: { connection: { host: 'smtp.example.com' } },
    });
  });

  test('is refused to an operator, and for a version that is not there', async () => {
    const restore = { project: project.slug, version: 1, expectedVersion: 1 };
    await expect(restoreMailSettings(await asRole('operator'), restore)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(restoreMailSettings(ctx, { ...restore, version: 9 })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('clearing', () => {
  test('leaves the project not set up, with a version that says so', async () => {
    const cleared = await clearMailSettings(ctx, { project: project.slug, expectedVersion: 1 });
    expect(cleared).toEqual({ version: 2, laneId: project.laneId });
    expect(await getMailSettings(ctx, { project: project.slug })).toMatchObject({
      version: null,
      settings: null,
      lastChange: { origin: 'cleared', isEmpty: true },
    });
    await expect(openSavedSettings(ctx, { project: project.slug })).rejects.toMatchObject({
      code: 'not_set_up',
    });
  });

  test('makes a later save type the password again', async () => {
    await clearMailSettings(ctx, { project: project.slug, expectedVersion: 1 });
    await expect(
      saveMailSettings(ctx, {
        project: project.slug,
        input: smtpInput({ connection: smtpConnection({ authentication: keptSignIn }) }),
        expectedVersion: null,
      }),
    ).rejects.toMatchObject({ code: 'secret_required' });
  });

  test('is refused to an operator', async () => {
    const clear = clearMailSettings(await asRole('operator'), { project: project.slug, expectedVersion: 1 });
    await expect(clear).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('unsaved values under test', () => {
  test('open with the kept password at the same place, without saving anything', async () => {
    const { opened } = await openDraftSettings(await asRole('operator'), {
      project: project.slug,
      input: smtpInput({
        sender: { name: 'Draft', address: 'billing@example.com', replyTo: null },
        connection: smtpConnection({ authentication: keptSignIn }),
      }),
    });
    expect(opened).toMatchObject({ password: plainPassword, document: { sender: { name: 'Draft' } } });
    expect((await getMailSettings(ctx, { project: project.slug })).version).toBe(1);
  });

  test('never send the kept password to a typed place', async () => {
    const draft = openDraftSettings(ctx, {
      project: project.slug,
      input: smtpInput({
        connection: smtpConnection({ host: 'collector.example', authentication: keptSignIn }),
      }),
    });
    await expect(draft).rejects.toMatchObject({ code: 'secret_required' });
  });

  test('are refused to a viewer', async () => {
    const draft = openDraftSettings(await asRole('viewer'), { project: project.slug, input: smtpInput() });
    await expect(draft).rejects.toMatchObject({ code: 'forbidden' });
  });
});
