import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner, withTenant } from '#db/client.ts';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import { type Context, tenantScope } from '#lib/context.ts';
import { archiveProject } from '#lib/organizations/archive-project.ts';
import { createProject } from '#lib/organizations/create-project.ts';
import { renameProject } from '#lib/organizations/rename-project.ts';
import { restoreProject } from '#lib/organizations/restore-project.ts';
import { setDefaultProject } from '#lib/organizations/set-default-project.ts';
import { updateOrganization } from '#lib/organizations/update-organization.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { openMailSettings } from '#lib/settings/open-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  type TestOrganization,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { plainPassword, smtpConnection, smtpInput } from '../settings/smtp-input.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
let organization: TestOrganization;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database, { name: 'Northwind' });
  const admin = await makeMember(database, organization, 'administrator');
  ctx = contextOf(services, organization, userActor(admin, 'administrator'));
});

async function lastActions(count: number): Promise<string[]> {
  const { entries } = await listAuditEntries(ctx, { limit: count });
  return entries.map(({ action }) => action);
}

function open(projectId: string) {
  return withTenant(database, tenantScope(ctx), (tx) =>
    openMailSettings(tx, services.keyring, {
      organizationId: organization.id,
      projectId,
      version: 1,
    }),
  );
}

async function asOperatorRole(): Promise<Context> {
  const member = await makeMember(database, organization, 'operator');
  return contextOf(services, organization, userActor(member, 'operator'));
}

describe('a new project', () => {
  test('without a default project is not set up, and has a lane of its own', async () => {
    const made = await createProject(ctx, { name: 'Field Service ä/ö' });
    expect(made).toMatchObject({ slug: 'field-service-a-o', copiedFrom: null });
    expect(await getMailSettings(ctx, { project: made.slug })).toMatchObject({ version: null });
    expect(await lastActions(1)).toEqual(['project.created']);
  });

  test('starts with a copy of the default project, its secret sealed anew (PRODUCT 2.1)', async () => {
    const source = await createProject(ctx, { name: 'Billing' });
    await saveMailSettings(ctx, {
      project: source.slug,
      input: smtpInput({ debug: { until: '2099-01-01T00:00:00.000Z' } }),
      expectedVersion: null,
    });
    await setDefaultProject(ctx, { project: source.slug });
    const copy = await createProject(ctx, { name: 'Copy' });
    expect(copy.copiedFrom).toEqual({ id: source.id, name: 'Billing' });
    const [one, two] = [await open(source.id), await open(copy.id)];
    expect(two).toMatchObject({ password: plainPassword, document: { debug: { until: null } } });
    expect(two.document.connection.authentication).not.toEqual(one.document.connection.authentication);
    expect((await getMailSettings(ctx, { project: copy.slug })).lastChange).toMatchObject({
      version: 1,
      origin: 'copied',
      copiedFrom: 'Billing',
    });
  });

  test('is changed without touching the original', async () => {
    const source = await createProject(ctx, { name: 'Billing' });
    await saveMailSettings(ctx, { project: source.slug, input: smtpInput(), expectedVersion: null });
    await setDefaultProject(ctx, { project: source.slug });
    const copy = await createProject(ctx, { name: 'Copy' });
    await saveMailSettings(ctx, {
      project: copy.slug,
      input: smtpInput({ connection: smtpConnection({ host: 'smtp.other.example' }) }),
      expectedVersion: 1,
    });
    expect((await open(source.id)).document.connection).toMatchObject({ host: 'smtp.example.com' });
  });

  test('of a short name that is taken is refused, by name and in a race', async () => {
    await createProject(ctx, { name: 'Billing' });
    await expect(createProject(ctx, { name: 'Billing' })).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ field: 'slug' }],
    });
    const race = await Promise.allSettled([
      createProject(ctx, { name: 'Race' }),
      createProject(ctx, { name: 'Race' }),
    ]);
    expect(race.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test.each([
    ['name', { name: '' }],
    ['name', { name: 'Two\nlines' }],
    ['slug', { name: 'Good', slug: 'Not Good' }],
    ['slug', { name: '漢字' }],
    ['slug', { name: 'API' }],
  ])('with a wrong %s is refused', async (field, input) => {
    await expect(createProject(ctx, input)).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ field }],
    });
  });

  test('is refused to an operator and to a member of some projects', async () => {
    await expect(createProject(await asOperatorRole(), { name: 'No' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const { id } = await createProject(ctx, { name: 'Mine' });
    const member = await makeMember(database, organization, 'owner', { projectIds: [id] });
    const narrowed = contextOf(services, organization, userActor(member, 'owner', [id]));
    await expect(createProject(narrowed, { name: 'No' })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('an archived project', () => {
  test('comes back paused, and is the default no more', async () => {
    const { slug } = await createProject(ctx, { name: 'Billing' });
    await setDefaultProject(ctx, { project: slug });
    await archiveProject(ctx, { project: slug });
    await expect(archiveProject(ctx, { project: slug })).rejects.toMatchObject({ code: 'wrong_state' });
    const { rows } = await asOwner(database, (tx) =>
      tx.query('select default_project_id from mailroom.organizations where id = $1', [organization.id]),
    );
    expect(rows).toEqual([{ default_project_id: null }]);
    await restoreProject(ctx, { project: slug });
    expect(await getMailSettings(ctx, { project: slug })).toMatchObject({
      project: { isArchived: false },
      pause: { reason: 'restored' },
    });
    await expect(restoreProject(ctx, { project: slug })).rejects.toMatchObject({ code: 'wrong_state' });
    expect((await lastActions(3)).toReversed()).toEqual([
      'organization.default_project_changed',
      'project.archived',
      'project.restored',
    ]);
  });

  test('keeps its waiting mail as it is', async () => {
    const { id, slug } = await createProject(ctx, { name: 'Billing' });
    await asOwner(database, (tx) =>
      tx.query(
        `insert into mailroom.queue_entries (message_id, organization_id, project_id, priority, due_at)
         values (gen_random_uuid(), $1, $2, 1, mailroom.now())`,
        [organization.id, id],
      ),
    );
    await archiveProject(ctx, { project: slug });
    await restoreProject(ctx, { project: slug });
    const { rowCount } = await asOwner(database, (tx) =>
      tx.query('select 1 from mailroom.queue_entries where project_id = $1', [id]),
    );
    expect(rowCount).toBe(1);
  });

  test('is archived and restored by administrators only', async () => {
    const { slug } = await createProject(ctx, { name: 'Billing' });
    const operator = await asOperatorRole();
    for (const verb of [archiveProject, restoreProject]) {
      await expect(verb(operator, { project: slug })).rejects.toMatchObject({ code: 'forbidden' });
      const stranger = contextOf(services, await makeOrganization(database));
      await expect(verb(stranger, { project: slug })).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});

describe('names', () => {
  test('of a project change, its short name stays', async () => {
    const { slug } = await createProject(ctx, { name: 'Billing' });
    expect(await renameProject(ctx, { project: slug, name: 'Invoices' })).toMatchObject({
      slug: 'billing',
      name: 'Invoices',
    });
    const { entries } = await listAuditEntries(ctx, { limit: 1 });
    expect(entries[0]).toMatchObject({
      action: 'project.renamed',
      detail: { before: 'Billing', after: 'Invoices' },
    });
    await expect(renameProject(ctx, { project: slug, name: ' ' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
    await expect(renameProject(await asOperatorRole(), { project: slug, name: 'No' })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('of the organization and its time zone change, with both in the history', async () => {
    expect(await updateOrganization(ctx, { timeZone: 'Europe/Lisbon' })).toMatchObject({
      name: 'Northwind',
      timeZone: 'Europe/Lisbon',
    });
    const { entries } = await listAuditEntries(ctx, { limit: 1 });
    expect(entries[0]).toMatchObject({
      action: 'organization.updated',
      detail: { before: { timeZone: 'UTC' }, after: { timeZone: 'Europe/Lisbon' } },
    });
    await expect(updateOrganization(ctx, { timeZone: 'Mars/Olympus' })).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ field: 'timeZone' }],
    });
    await expect(updateOrganization(await asOperatorRole(), { name: 'No' })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('the default project is set by administrators, to a project of the organization', async () => {
    const { slug } = await createProject(ctx, { name: 'Billing' });
    await expect(setDefaultProject(await asOperatorRole(), { project: slug })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(setDefaultProject(ctx, { project: 'no-such' })).rejects.toMatchObject({ code: 'not_found' });
  });
});
