import { beforeAll, describe, expect, test } from 'vitest';
import { asOwner, withTenant } from '#db/client.ts';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import { listAuditFacets } from '#lib/audit/list-audit-facets.ts';
import { recordAudit } from '#lib/audit/record-audit.ts';
import { type Context, tenantScope } from '#lib/context.ts';
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

const { database } = await createTestDatabase();
const services = testServices(database);
let organization: TestOrganization;
let billing: TestProject;
let desk: TestProject;
let ctx: Context;

beforeAll(async () => {
  organization = await makeOrganization(database);
  billing = await makeProject(database, organization, { name: 'Billing' });
  desk = await makeProject(database, organization);
  ctx = contextOf(services, organization);
  for (let entry = 1; entry <= 5; entry += 1) await record(ctx, billing.id, 'key.created', `Key ${entry}`);
  await record(ctx, desk.id, 'sending.paused', 'Desk');
  await record(
    contextOf(services, organization, { kind: 'system', label: 'Mailroom' }),
    null,
    'fleet.resumed',
    '',
  );
});

function record(as: Context, projectId: string | null, action: string, label: string) {
  return withTenant(database, tenantScope(as), (tx) =>
    recordAudit(tx, as, { action, projectId, object: { kind: 'key', id: null, label } }),
  );
}

async function labels(input: Parameters<typeof listAuditEntries>[1]) {
  return (await listAuditEntries(ctx, input)).entries.map(({ object }) => object.label);
}

describe('the history', () => {
  test('reads newest first: who, what, to what, when and from where', async () => {
    const { entries } = await listAuditEntries(ctx, { project: billing.slug, limit: 1 });
    expect(entries).toMatchObject([
      {
        by: 'test',
        byKind: 'operator',
        words: 'created an API key',
        object: { label: 'Key 5' },
        project: { slug: billing.slug, name: 'Billing' },
        sourceIp: '192.0.2.10',
      },
    ]);
  });

  test('goes page by page, forth and back', async () => {
    const first = await listAuditEntries(ctx, { project: billing.slug, limit: 2 });
    expect(first.newer).toBeNull();
    const second = await listAuditEntries(ctx, {
      project: billing.slug,
      limit: 2,
      before: first.older ?? '',
    });
    expect(second.entries.map(({ object }) => object.label)).toEqual(['Key 3', 'Key 2']);
    const last = await listAuditEntries(ctx, { project: billing.slug, limit: 2, before: second.older ?? '' });
    expect(last).toMatchObject({ entries: [{ object: { label: 'Key 1' } }], older: null });
    const back = await listAuditEntries(ctx, { project: billing.slug, limit: 2, after: second.newer ?? '' });
    expect(back).toMatchObject({ entries: first.entries, newer: null });
  });

  test('is filtered by project, actor, action and time', async () => {
    expect(await labels({ project: desk.slug })).toEqual(['Desk']);
    expect(await labels({ by: 'Mailroom' })).toEqual(['']);
    expect(await labels({ action: 'sending.paused' })).toEqual(['Desk']);
    expect(await labels({ action: 'key' })).toHaveLength(5);
    expect(await labels({ since: new Date(Date.now() + 3_600_000) })).toEqual([]);
    expect(await labels({ until: new Date(Date.now() + 3_600_000) })).toHaveLength(7);
    await expect(labels({ action: 'key.%' })).rejects.toMatchObject({ issues: [{ field: 'action' }] });
  });

  test('offers the names that stand in it', async () => {
    expect(await listAuditFacets(ctx, { project: desk.slug })).toEqual({
      actors: ['test'],
      actions: ['sending.paused'],
    });
  });

  test('of the whole organization is not for members of some projects', async () => {
    const member = await makeMember(database, organization, 'auditor', { projectIds: [desk.id] });
    const narrowed = contextOf(services, organization, userActor(member, 'auditor', [desk.id]));
    await expect(listAuditEntries(narrowed, {})).rejects.toMatchObject({ code: 'forbidden' });
    await expect(listAuditFacets(narrowed, {})).rejects.toMatchObject({ code: 'forbidden' });
    expect((await listAuditEntries(narrowed, { project: desk.slug })).entries).toHaveLength(1);
    await expect(listAuditEntries(narrowed, { project: billing.slug })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('is not for viewers and not for strangers', async () => {
    const viewer = await makeMember(database, organization, 'viewer');
    const as = contextOf(services, organization, userActor(viewer, 'viewer'));
    await expect(listAuditEntries(as, { project: desk.slug })).rejects.toMatchObject({ code: 'forbidden' });
    const stranger = contextOf(services, await makeOrganization(database));
    expect((await listAuditEntries(stranger, {})).entries).toEqual([]);
  });

  test.each([
    'update mailroom.audit_entries set action = $1',
    'delete from mailroom.audit_entries where action <> $1',
  ])('cannot be changed, not even by the owner of the tables: %s', async (statement) => {
    await expect(asOwner(database, (tx) => tx.query(statement, ['x']))).rejects.toThrow('append-only');
  });

  test('cannot be emptied', async () => {
    const truncate = asOwner(database, (tx) => tx.query('truncate mailroom.audit_entries'));
    await expect(truncate).rejects.toThrow('append-only');
  });
});
