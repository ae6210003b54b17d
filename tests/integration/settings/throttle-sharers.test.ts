import { beforeEach, expect, test } from 'vitest';
import { asOwner, withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '#lib/context.ts';
import { newId } from '#lib/ids.ts';
import { clearMailSettings } from '#lib/settings/clear-mail-settings.ts';
import { fillThrottles } from '#lib/settings/fill-throttles.ts';
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
/** Another one for each test: the throttle is the same in every organization. */
let appId: string;

beforeEach(async () => {
  organization = await makeOrganization(database);
  ctx = contextOf(services, organization);
  appId = newId();
});

type Graph = ConnectionOf<MailSettingsFields, 'graph'>;

async function graphProject(
  name: string,
  changes: Partial<Graph> = {},
  clientId = appId,
  owner = organization,
): Promise<TestProject> {
  const project = await makeProject(database, owner, { name });
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
  const of = contextOf(services, owner);
  await saveMailSettings(of, { project: project.slug, input, expectedVersion: null });
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
  expect(throttleWarning(sharers)?.text).toContain('together with Service desk');
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
  expect(sharers).toEqual({ projects: [], hasOthers: true });
  expect(throttleWarning(sharers)?.text).toContain('another project');
  expect(JSON.stringify(throttleWarning(sharers))).not.toContain('Secret');
});

test('a project of another organization is told of and never named', async () => {
  const stranger = await makeOrganization(database);
  await graphProject('Their secret', {}, appId, stranger);
  const first = await graphProject('Billing');
  const sharers = await findThrottleSharers(ctx, { project: first.slug });
  expect(sharers).toEqual({ projects: [], hasOthers: true });
  expect(throttleWarning(sharers)?.text).toContain('together with another project:');
  await graphProject('Service desk');
  const both = throttleWarning(await findThrottleSharers(ctx, { project: first.slug }));
  expect(both?.text).toContain('together with Service desk and another project:');
});

test('the other organization is not told of what no longer sends', async () => {
  const stranger = await makeOrganization(database);
  const cleared = await graphProject('Cleared', {}, appId, stranger);
  const archived = await graphProject('Archived', {}, appId, stranger);
  const first = await graphProject('Billing');
  await clearMailSettings(contextOf(services, stranger), { project: cleared.slug, expectedVersion: 1 });
  expect(await findThrottleSharers(ctx, { project: first.slug })).toMatchObject({ hasOthers: true });
  await asOwner(database, (tx) =>
    tx.query('update mailroom.projects set archived_at = mailroom.now() where id = $1', [archived.id]),
  );
  expect(await findThrottleSharers(ctx, { project: first.slug })).toMatchObject({ hasOthers: false });
});

test('what is typed is warned of before it is saved, and what is not yet whole is nothing', async () => {
  await graphProject('Service desk');
  const smtp = await makeProject(database, organization);
  const typed = {
    endpoint: 'https://graph.microsoft.com/v1.0',
    mailbox: 'Desk@contoso.example',
    authentication: { clientId: appId },
    requestsCountedBy: 'client_and_mailbox',
  } as const;
  const warned = await findThrottleSharers(ctx, { project: smtp.slug, connection: typed });
  expect(warned.projects.map(({ name }) => name)).toEqual(['Service desk']);
  for (const half of [{ endpoint: 'graph' }, { mailbox: ' ' }, { authentication: { clientId: '' } }]) {
    const connection = { ...typed, ...half };
    const sharers = await findThrottleSharers(ctx, { project: smtp.slug, connection });
    expect(sharers).toEqual({ projects: [], hasOthers: false });
  }
});

test('a throttle that was not stored is filled by the worker, and a tenant reads its own alone', async () => {
  const stranger = await makeOrganization(database);
  await graphProject('Their secret', {}, appId, stranger);
  const first = await graphProject('Billing');
  await asOwner(database, (tx) => tx.query('delete from mailroom.throttles'));
  expect(await findThrottleSharers(ctx, { project: first.slug })).toMatchObject({ hasOthers: false });
  expect(await fillThrottles(services)).toBeGreaterThanOrEqual(2);
  expect(await findThrottleSharers(ctx, { project: first.slug })).toMatchObject({ hasOthers: true });
  expect(await fillThrottles(services)).toBe(0);
  const seen = await withTenant(database, tenantScope(ctx), (tx) =>
    tx.query('select organization_id, client_key from mailroom.throttles'),
  );
  expect(seen.rows).toMatchObject([{ organization_id: organization.id }]);
  expect(String(seen.rows[0]?.['client_key'])).not.toContain(appId);
});
