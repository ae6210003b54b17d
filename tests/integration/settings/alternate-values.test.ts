import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner, withTenant } from '#db/client.ts';
import { loadProject } from '#lib/access/load-project.ts';
import { type Context, tenantScope } from '#lib/context.ts';
import { copyMailSettings } from '#lib/settings/copy-mail-settings.ts';
import { sharedAlternate } from '#lib/settings/connection-schemas.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { type OpenedMailSettings, openMailSettings } from '#lib/settings/open-mail-settings.ts';
import { restoreMailSettings } from '#lib/settings/restore-mail-settings.ts';
import { saveMailSettings, type SaveMailSettings } from '#lib/settings/save-mail-settings.ts';
import type { ConnectionOf, MailSettingsInput } from '#lib/settings/schemas.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  type TestOrganization,
  type TestProject,
  testServices,
} from '#tests/support/factories.ts';
import { keptSignIn, plainPassword, smtpConnection, smtpInput } from './smtp-input.ts';

const ownPassword = 'pl41n-p4ssw0rd-of-the-alternate';
const ownField = 'connection.alternate.authentication.password';

const { database } = await createTestDatabase();
const services = testServices(database);
let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
});

type Alternate = ConnectionOf<MailSettingsInput, 'smtp'>['alternate'];

const ownSignIn: Alternate['authentication'] = {
  kind: 'basic',
  userName: 'relay',
  password: { kind: 'set', value: ownPassword },
};
const keptOwn: Alternate['authentication'] = { ...ownSignIn, password: { kind: 'keep' } };

function input(alternate: Partial<Alternate>, isFirst = false): MailSettingsInput {
  return smtpInput({
    connection: smtpConnection({
      alternateHost: 'smtp2.example.com',
      alternate: { ...sharedAlternate, ...alternate },
      ...(!isFirst && { authentication: keptSignIn }),
    }),
  });
}

function save(given: MailSettingsInput, expectedVersion: SaveMailSettings['expectedVersion']) {
  return saveMailSettings(ctx, { project: project.slug, input: given, expectedVersion });
}

async function open(version: number, of: TestProject = project): Promise<OpenedMailSettings> {
  return withTenant(database, tenantScope(ctx), (tx) =>
    openMailSettings(tx, services.keyring, {
      organizationId: organization.id,
      projectId: of.id,
      version,
    }),
  );
}

describe("the alternate's own sign-in (PRODUCT 6.4, 2.18)", () => {
  test('is sealed by itself, opened for the alternate alone, and shown as set', async () => {
    await save(input({ port: 2525, authentication: ownSignIn }, true), null);
    expect(await open(1)).toMatchObject({ password: plainPassword, alternatePassword: ownPassword });
    const { settings } = await getMailSettings(ctx, { project: project.slug });
    expect(JSON.stringify(settings)).not.toContain(ownPassword);
    expect(settings?.connection).toMatchObject({
      alternate: { port: 2525, authentication: { kind: 'basic', password: { setBy: 'test' } } },
    });
    const { rows } = await asOwner(database, (tx) =>
      tx.query('select document, changes from mailroom.mail_settings_versions where project_id = $1', [
        project.id,
      ]),
    );
    expect(JSON.stringify(rows)).not.toContain(ownPassword);
  });

  test('stays while its way stays, whatever else changes', async () => {
    await save(input({ authentication: ownSignIn }, true), null);
    const kept = input({ authentication: keptOwn, returnAfterMinutes: 5 });
    expect(await save({ ...kept, sender: { ...kept.sender, name: 'Other' } }, 1)).toMatchObject({
      version: 2,
    });
    expect((await open(2)).alternatePassword).toBe(ownPassword);
  });

  test.each([
    ['another port', { port: 2525, authentication: keptOwn }, [ownField]],
    ['weaker TLS', { tlsPolicy: 'when_offered', authentication: keptOwn }, [ownField]],
    ['no certificate check', { checkCertificate: false, authentication: keptOwn }, [ownField]],
    ['another user', { authentication: { ...keptOwn, userName: 'other' } }, [ownField]],
    ["the primary's sign-in", {}, ['connection.authentication.password']],
  ] as const)('%s asks again for what would go there, and for nothing else', async (_, alternate, fields) => {
    await save(input({ authentication: ownSignIn }, true), null);
    await expect(save(input(alternate), 1)).rejects.toMatchObject({
      code: 'secret_required',
      data: { fields },
    });
  });

  test('goes along into a copy with its destination', async () => {
    await save(input({ authentication: ownSignIn }, true), null);
    const other = await makeProject(database, organization);
    await withTenant(database, tenantScope(ctx), async (tx) => {
      const [from, to] = [await loadProject(tx, ctx, project.id), await loadProject(tx, ctx, other.id)];
      await copyMailSettings(tx, ctx, { from, to });
    });
    expect((await open(1, other)).alternatePassword).toBe(ownPassword);
  });

  test('a version with another way is restored with the password typed again', async () => {
    await save(input({ port: 2525, authentication: ownSignIn }, true), null);
    await save(input({ port: 2526, authentication: ownSignIn }), 1);
    const restore = { project: project.slug, version: 1, expectedVersion: 2 };
    await expect(restoreMailSettings(ctx, restore)).rejects.toMatchObject({
      code: 'secret_required',
      data: { fields: [ownField] },
    });
    await restoreMailSettings(ctx, { ...restore, alternatePassword: 'typed again' });
    expect(await open(3)).toMatchObject({ password: plainPassword, alternatePassword: 'typed again' });
  });
});
