import { beforeEach, expect, test } from 'vitest';
import type { Context } from '#lib/context.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { findThrottleSharers, throttleWarning } from '#lib/settings/throttle-sharers.ts';
import type { ConnectionOf, MailSettingsFields } from '#lib/settings/schemas.ts';
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
import { smtpInput } from './smtp-input.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
let organization: TestOrganization;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database);
  ctx = contextOf(services, organization);
});

type Graph = ConnectionOf<MailSettingsFields, 'graph'>;

async function graphProject(
  name: string,
  changes: Partial<Graph> = {},
  clientId = 'one-app',
): Promise<TestProject> {
  const project = await makeProject(database, organization, { name });
  const connection: Graph = {
    kind: 'graph',
    endpoint: 'https://graph.microsoft.com/v1.0/',
    mailbox: 'desk@contoso.example',
    customCa: null,
    saveToSentItems: true,
    proveOnce: false,
    requestsCountedBy: 'client_and_mailbox',
    authentication: {
      kind: 'oauth',
      server: { kind: 'microsoft', host: 'login.microsoftonline.com', tenant: 'contoso.example' },
      access: 'delegated',
      clientId,
      credential: { kind: 'secret', secret: { kind: 'set', value: 'secret' }, expiresOn: null },
      scope: 'Mail.ReadWrite,Mail.Send.Shared,offline_access',
      signInName: null,
    },
    ...changes,
  };
  const input = { ...smtpInput(), connection };
  await saveMailSettings(ctx, { project: project.slug, input, expectedVersion: null });
  return project;
}

test('projects with one client ID and mailbox are named to each other (PRODUCT 2.13)', async () => {
  const first = await graphProject('Billing');
  expect(throttleWarning(await findThrottleSharers(ctx, { project: first.slug }))).toBeNull();
  await graphProject('Service desk', { mailbox: 'DESK@contoso.example' });
  await graphProject('Another mailbox', { mailbox: 'other@contoso.example' });
  await graphProject('Another app', {}, 'two-app');
  await graphProject('Another cloud', { endpoint: 'https://graph.microsoft.us/v1.0' });
  const sharers = await findThrottleSharers(ctx, { project: first.slug });
  expect(sharers.projects.map(({ name }) => name)).toEqual(['Service desk']);
  expect(throttleWarning(sharers)?.text).toContain('together with those of Service desk');
});

test('a client ID that is counted alone is shared by every mailbox', async () => {
  const first = await graphProject('Billing', { requestsCountedBy: 'client' });
  await graphProject('Another mailbox', { mailbox: 'other@contoso.example' });
  const sharers = await findThrottleSharers(ctx, { project: first.slug });
  expect(sharers.projects.map(({ name }) => name)).toEqual(['Another mailbox']);
});

test('a project that the reader may not see is counted and not named', async () => {
  const first = await graphProject('Billing');
  await graphProject('Secret');
  const member = await makeMember(database, organization, 'administrator', { projectIds: [first.id] });
  const narrowed = contextOf(services, organization, userActor(member, 'administrator', [first.id]));
  const sharers = await findThrottleSharers(narrowed, { project: first.slug });
  expect(sharers).toEqual({ projects: [], others: 1 });
  expect(throttleWarning(sharers)?.text).toContain('another project');
  expect(JSON.stringify(throttleWarning(sharers))).not.toContain('Secret');
});
