import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { openMailSettings } from '#lib/settings/open-mail-settings.ts';
import { mailSettingsDocument, type MailSettingsFields } from '#lib/settings/schemas.ts';
import { transportOptions } from '#lib/settings/transport-options.ts';
import { ewsInput, save } from '#tests/integration/connections/connection-scene.ts';
import { authority } from '#tests/integration/oauth/oauth-scene.ts';
import { ewsConnection } from '#tests/unit/settings/oauth-documents.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  type TestProject,
  testServices,
} from '#tests/support/factories.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const organization = await makeOrganization(database);
const ctx = contextOf(services, organization);

function inputWith(changes: {
  mailboxAccess: 'impersonation' | 'delegate';
  saveToSentItems?: boolean;
}): MailSettingsFields {
  const input = ewsInput({ url: 'https://localhost/EWS/Exchange.asmx', certificate: authority.cert });
  if (input.connection.kind !== 'ews') throw new Error('no EWS');
  return {
    ...input,
    connection: { ...input.connection, impersonatedMailbox: 'shared@contoso.example', ...changes },
  };
}

async function mailboxOf(project: TestProject, version: number): Promise<unknown> {
  const opened = await asOwner(database, (tx) =>
    openMailSettings(tx, services.keyring, {
      organizationId: organization.id,
      projectId: project.id,
      version,
    }),
  );
  const options = transportOptions(opened, services.settings, 'primary', { tokens: null, slots: null });
  return options.protocol === 'ews' ? options.mailbox : null;
}

test('another mailbox is used by the right that was chosen (PRODUCT 2.6)', async () => {
  const project = await makeProject(database, organization);
  await save(ctx, project, inputWith({ mailboxAccess: 'delegate' }));
  const address = 'shared@contoso.example';
  expect(await mailboxOf(project, 1)).toEqual({ address, access: 'delegate' });
  await save(ctx, project, inputWith({ mailboxAccess: 'impersonation' }));
  expect(await mailboxOf(project, 2)).toEqual({ address, access: 'impersonation' });
});

test('settings that were saved before there was a choice impersonate', () => {
  const { mailboxAccess: _, ...before } = ewsConnection;
  const read = mailSettingsDocument.shape.connection.parse(before);
  expect(read).toMatchObject({ kind: 'ews', mailboxAccess: 'impersonation' });
});

test('rights on the mailbox need the copy in Sent Items, without which Exchange does not send', async () => {
  const project = await makeProject(database, organization);
  await expect(
    save(ctx, project, inputWith({ mailboxAccess: 'delegate', saveToSentItems: false })),
  ).rejects.toMatchObject({ issues: [{ field: 'connection.saveToSentItems' }] });
  await save(ctx, project, inputWith({ mailboxAccess: 'impersonation', saveToSentItems: false }));
});
