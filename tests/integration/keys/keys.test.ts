import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import type { Context } from '#lib/context.ts';
import { createKey } from '#lib/keys/create-key.ts';
import { listKeys } from '#lib/keys/list-keys.ts';
import { resolveKey } from '#lib/keys/resolve-key.ts';
import { revokeKey } from '#lib/keys/revoke-key.ts';
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

// One connection, so that a shift of the clock is made inside it.
const { database } = await createTestDatabase({ maxConnections: 1 });
const services = testServices(database);
let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  await shiftClock('0');
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  const admin = await makeMember(database, organization, 'administrator');
  ctx = contextOf(services, organization, userActor(admin, 'administrator'));
});

async function shiftClock(interval: string) {
  await database.pool.query(`select set_config('mailroom.clock_offset', $1, false)`, [interval]);
}

function create(changes: Partial<Parameters<typeof createKey>[1]> = {}, as = ctx) {
  return createKey(as, { project: project.slug, name: 'Portal', scopes: ['send'], ...changes });
}

function lastUsed(id: string) {
  return asOwner(database, async (tx) => {
    const { rows } = await tx.query<{ at: Date | null }>(
      'select last_used_at as at from mailroom.api_keys where id = $1',
      [id],
    );
    return rows[0]?.at ?? null;
  });
}

describe('a new key', () => {
  test('tells its token once; what is kept is a hash and four letters', async () => {
    const { token, ...made } = await create();
    expect(token).toMatch(/^mr_live_[\w-]{43}$/);
    expect(made.lastFour).toBe(token.slice(-4));
    const { rows } = await asOwner(database, (tx) =>
      tx.query('select * from mailroom.api_keys where project_id = $1', [project.id]),
    );
    const { entries } = await listAuditEntries(ctx, { project: project.slug });
    expect(entries[0]).toMatchObject({ action: 'key.created', object: { label: 'Portal' } });
    expect(JSON.stringify([rows, entries, await listKeys(ctx, { project: project.slug })])).not.toContain(
      token,
    );
  });

  test('resolves to its project, scopes and narrower rules', async () => {
    const { id, token } = await create({
      scopes: ['cancel', 'send'],
      sendingMode: { kind: 'capture' },
      allowedSenders: ['Example.com'],
    });
    expect(await resolveKey(database, token)).toEqual({
      kind: 'resolved',
      key: {
        actor: {
          kind: 'key',
          keyId: id,
          label: `Key Portal, ends ${token.slice(-4)}`,
          projectId: project.id,
          scopes: ['send', 'cancel'],
        },
        organizationId: organization.id,
        projectSlug: project.slug,
        laneId: project.laneId,
        sendingMode: { kind: 'capture' },
        allowedSenders: ['example.com'],
      },
    });
  });

  test.each([
    ['name', { name: '' }],
    ['scopes', { scopes: [] }],
    ['expiresAt', { expiresAt: 'tomorrow' }],
    ['expiresAt', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['sendingMode.to', { sendingMode: { kind: 'redirect' as const, to: 'nobody' } }],
    ['allowedSenders.0', { allowedSenders: ['not a domain'] }],
  ])('with a wrong %s is refused', async (field, changes) => {
    await expect(create(changes)).rejects.toMatchObject({ code: 'invalid_input', issues: [{ field }] });
  });

  test.each(['operator', 'auditor', 'viewer'] as const)('is refused to a %s', async (role) => {
    const member = await makeMember(database, organization, role);
    const as = contextOf(services, organization, userActor(member, role));
    await expect(create({}, as)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is refused for a project of another organization', async () => {
    const stranger = contextOf(services, await makeOrganization(database));
    await expect(create({ project: project.id }, stranger)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a key in use', () => {
  test('writes when it was used, at most once a minute', async () => {
    const { id, token } = await create();
    expect(await lastUsed(id)).toBeNull();
    await resolveKey(database, token);
    const first = await lastUsed(id);
    expect(first).not.toBeNull();
    await resolveKey(database, token);
    expect(await lastUsed(id)).toEqual(first);
    await shiftClock('61 seconds');
    await resolveKey(database, token);
    expect(await lastUsed(id)).not.toEqual(first);
  });

  test('is refused once revoked or expired, each by its reason', async () => {
    const { id, token } = await create();
    await revokeKey(ctx, { project: project.slug, key: id });
    expect(await resolveKey(database, token)).toEqual({ kind: 'refused', reason: 'revoked' });
    const ending = await create({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await resolveKey(database, ending.token)).toMatchObject({ kind: 'resolved' });
    await shiftClock('2 hours');
    expect(await resolveKey(database, ending.token)).toEqual({ kind: 'refused', reason: 'expired' });
  });

  test.each(['', 'mr_live_', 'mr_live_unknown', 'x'.repeat(5_000)])('%j is unknown', async (token) => {
    expect(await resolveKey(database, token)).toEqual({ kind: 'refused', reason: 'unknown' });
  });
});

describe('revoking', () => {
  test('is audited, told in the list and cannot be done twice', async () => {
    const { id } = await create();
    await revokeKey(ctx, { project: project.slug, key: id });
    expect(await listKeys(ctx, { project: project.slug })).toMatchObject([
      { id, state: 'revoked', revokedBy: ctx.actor.kind === 'user' ? ctx.actor.email : '' },
    ]);
    const { entries } = await listAuditEntries(ctx, { project: project.slug, action: 'key' });
    expect(entries.map(({ action }) => action)).toEqual(['key.revoked', 'key.created']);
    await expect(revokeKey(ctx, { project: project.slug, key: id })).rejects.toMatchObject({
      code: 'wrong_state',
    });
  });

  test('reaches no key of another project', async () => {
    const { id } = await create();
    const other = await makeProject(database, organization);
    await expect(revokeKey(ctx, { project: other.slug, key: id })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(revokeKey(ctx, { project: project.slug, key: 'x' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  test('and listing are refused to those who may not', async () => {
    const { id } = await create();
    const viewer = await makeMember(database, organization, 'viewer');
    const as = contextOf(services, organization, userActor(viewer, 'viewer'));
    await expect(revokeKey(as, { project: project.slug, key: id })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(listKeys(as, { project: project.slug })).rejects.toMatchObject({ code: 'forbidden' });
    const stranger = contextOf(services, await makeOrganization(database));
    await expect(listKeys(stranger, { project: project.id })).rejects.toMatchObject({ code: 'not_found' });
  });
});
