import { beforeAll, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { createOrganization } from '#lib/organizations/create-organization.ts';
import { createOwner } from '#lib/organizations/create-owner.ts';
import { openOperatorContext } from '#lib/organizations/open-operator-context.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const operator = 'root (command line)';
const password = 'a long enough password';

beforeAll(async () => {
  await createOrganization(services, operator, { name: 'Northwind', timeZone: 'Europe/Lisbon' });
});

async function audit() {
  const { rows } = await asOwner(database, (tx) =>
    tx.query(
      'select actor_kind, actor_label, action, object_label, detail from mailroom.audit_entries order by id',
    ),
  );
  return rows;
}

describe('an operator', () => {
  test('makes an organization, once by its short name', async () => {
    expect((await audit())[0]).toEqual({
      actor_kind: 'operator',
      actor_label: operator,
      action: 'organization.created',
      object_label: 'Northwind',
      detail: { slug: 'northwind', timeZone: 'Europe/Lisbon' },
    });
    await expect(createOrganization(services, operator, { name: 'Northwind' })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('makes an owner whose password is hashed with argon2id, and told nowhere', async () => {
    const owner = await createOwner(services, operator, {
      organization: 'northwind',
      email: 'Dana@Example.com',
      name: 'Dana',
      password,
    });
    expect(owner.email).toBe('dana@example.com');
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ password_hash: string; role: string }>(
        'select u.password_hash, m.role from mailroom.users u join mailroom.memberships m on m.user_id = u.id',
      ),
    );
    expect(rows).toEqual([
      { password_hash: expect.stringMatching(/^\$argon2id\$/) as unknown, role: 'owner' },
    ]);
    expect(JSON.stringify([owner, await audit(), rows])).not.toContain(password);
  });

  test.each([
    ['organization', { organization: '' }],
    ['email', { email: 'nobody' }],
    ['name', { name: '' }],
    ['password', { password: 'short' }],
  ])('is told of a wrong %s', async (field, changes) => {
    const input = { organization: 'northwind', email: 'e@example.com', name: 'E', password, ...changes };
    await expect(createOwner(services, operator, input)).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ field }],
    });
  });

  test('is refused for an address that has an account, and an organization that is not there', async () => {
    const input = { organization: 'northwind', email: 'dana@example.com', name: 'Dana', password };
    await expect(createOwner(services, operator, input)).rejects.toMatchObject({ code: 'conflict' });
    await expect(
      createOwner(services, operator, { ...input, organization: 'nowhere' }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      openOperatorContext(services, { organization: 'nowhere', label: operator }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});
