import { beforeAll, describe, expect, test } from 'vitest';
import { asOwner, asWorker, type Transaction, withoutTenant, withTenant } from '#db/client.ts';
import { createKey } from '#lib/keys/create-key.ts';
import { newId } from '#lib/ids.ts';
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
} from '#tests/support/factories.ts';
import { smtpInput } from '../settings/smtp-input.ts';
import { insertTenantRows, tenantTables } from './tenant-rows.ts';

// One connection: what a transaction left behind, the next one on it would see.
const { database } = await createTestDatabase({ maxConnections: 1 });
const services = testServices(database);

interface Tenant {
  readonly organization: TestOrganization;
  readonly project: TestProject;
}

let a: Tenant;
let b: Tenant;

beforeAll(async () => {
  a = await makeTenant();
  b = await makeTenant();
});

async function makeTenant(): Promise<Tenant> {
  const organization = await makeOrganization(database);
  const project = await makeProject(database, organization);
  await makeMember(database, organization, 'owner');
  const ctx = contextOf(services, organization);
  await saveMailSettings(ctx, { project: project.slug, input: smtpInput(), expectedVersion: null });
  await createKey(ctx, { project: project.slug, name: 'Key', scopes: ['send'] });
  await asOwner(database, (tx) => insertTenantRows(tx, organization.id, project.id));
  return { organization, project };
}

async function organizationsIn(tx: Transaction, table: string): Promise<string[]> {
  const { rows } = await tx.query<{ organization_id: string }>(
    `select distinct organization_id from mailroom.${table}`,
  );
  return rows.map(({ organization_id }) => organization_id);
}

function scopeOf({ organization }: Tenant) {
  return { organizationId: organization.id, userId: null };
}

test('the list of tenant tables is whole: every table with an organization_id stands in it', async () => {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ name: string }>(
      `select c.relname as name from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
       where n.nspname = 'mailroom' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
    ),
  );
  expect(rows.map(({ name }) => name)).toEqual(tenantTables);
});

test('row-level security is on and forced on every table of the schema', async () => {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'mailroom' and c.relkind in ('r', 'p')
         and not (c.relrowsecurity and c.relforcerowsecurity)`,
    ),
  );
  expect(rows).toEqual([]);
});

test('neither role can go past row-level security', async () => {
  const { rows } = await asOwner(database, (tx) =>
    tx.query(
      `select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles
       where rolname in ('mailroom_app', 'mailroom_worker') order by 1`,
    ),
  );
  const powerless = { rolsuper: false, rolbypassrls: false, rolcanlogin: false };
  expect(rows).toEqual([
    { rolname: 'mailroom_app', ...powerless },
    { rolname: 'mailroom_worker', ...powerless },
  ]);
});

describe.each(tenantTables)('%s', (table) => {
  test('holds rows of both tenants, as the owner sees', async () => {
    const seen = await asOwner(database, (tx) => organizationsIn(tx, table));
    expect(seen).toEqual(expect.arrayContaining([a.organization.id, b.organization.id]));
  });

  test('is empty without a tenant', async () => {
    expect(await withoutTenant(database, (tx) => organizationsIn(tx, table))).toEqual([]);
  });

  test("shows a tenant its own rows and nothing of another's", async () => {
    expect(await withTenant(database, scopeOf(a), (tx) => organizationsIn(tx, table))).toEqual([
      a.organization.id,
    ]);
  });

  test("lets a tenant write nothing into another's", async () => {
    const written = withTenant(database, scopeOf(a), async (tx) => {
      const { rowCount } = await tx.query(
        `update mailroom.${table} set organization_id = organization_id where organization_id = $1`,
        [b.organization.id],
      );
      return rowCount;
    }).catch((error: { code: string }) => error.code);
    // Either no row is in reach, or the role may not update this table at all (42501).
    expect([0, '42501']).toContain(await written);
  });
});

test('a row cannot be given to another tenant', async () => {
  const given = withTenant(database, scopeOf(a), (tx) =>
    tx.query('update mailroom.projects set organization_id = $1', [b.organization.id]),
  );
  await expect(given).rejects.toMatchObject({ code: '42501' });
});

test('the tenant is gone after the commit and after a rollback, on the same connection', async () => {
  await withTenant(database, scopeOf(a), (tx) => tx.query('select 1'));
  expect(await withoutTenant(database, (tx) => organizationsIn(tx, 'projects'))).toEqual([]);
  await expect(withTenant(database, scopeOf(a), (tx) => tx.query('select 1/0'))).rejects.toThrow('zero');
  expect(await withoutTenant(database, (tx) => organizationsIn(tx, 'projects'))).toEqual([]);
  const { rows } = await database.pool.query<{ role: string; tenant: string }>(
    `select current_user <> session_user as role, current_setting('mailroom.organization_id', true) as tenant`,
  );
  expect(rows).toEqual([{ role: false, tenant: '' }]);
});

test('organizations and people: a tenant sees its own only', async () => {
  const seen = await withTenant(database, scopeOf(a), async (tx) => ({
    organizations: (await tx.query('select id from mailroom.organizations')).rows,
    people: (await tx.query('select id from mailroom.users')).rowCount,
    sessions: (await tx.query('select id from mailroom.sessions')).rowCount,
  }));
  expect(seen).toEqual({ organizations: [{ id: a.organization.id }], people: 1, sessions: 0 });
});

test("no hash of a password can be read, not even a colleague's, whoever is made a member", async () => {
  const stranger = await asOwner(database, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      'select user_id as id from mailroom.memberships where organization_id = $1',
      [b.organization.id],
    );
    return rows[0]?.id;
  });
  const read = withTenant(database, scopeOf(a), async (tx) => {
    await tx.query(
      `insert into mailroom.memberships (organization_id, user_id, role) values ($1, $2, 'viewer')`,
      [a.organization.id, stranger],
    );
    return tx.query('select password_hash from mailroom.users');
  });
  await expect(read).rejects.toMatchObject({ code: '42501' });
});

test("a tenant's rows cannot lean on another's project or lane", async () => {
  const project = [newId(), a.organization.id, b.project.laneId];
  const onForeignLane = withTenant(database, scopeOf(a), (tx) =>
    tx.query(
      `insert into mailroom.projects (id, organization_id, slug, name, lane_id) values ($1, $2, 'x', 'x', $3)`,
      project,
    ),
  );
  await expect(onForeignLane).rejects.toMatchObject({ code: '23503' });
  const key = [newId(), a.organization.id, b.project.id];
  const ofForeignProject = withTenant(database, scopeOf(a), (tx) =>
    tx.query(
      `insert into mailroom.secrets (id, organization_id, project_id, purpose, key_id, created_by)
       values ($1, $2, $3, 'password', 'k', 'x')`,
      key,
    ),
  );
  await expect(ofForeignProject).rejects.toMatchObject({ code: '23503' });
});

test.each(['users', 'memberships', 'sessions', 'setup_links', 'sign_in_throttle'])(
  'the worker role has no access to %s',
  async (table) => {
    const read = asWorker(database, (tx) => tx.query(`select 1 from mailroom.${table}`));
    await expect(read).rejects.toMatchObject({ code: '42501' });
  },
);

test.each(['setup_links', 'sign_in_throttle'])('the app role has no access to %s', async (table) => {
  const read = withoutTenant(database, (tx) => tx.query(`select 1 from mailroom.${table}`));
  await expect(read).rejects.toMatchObject({ code: '42501' });
});
