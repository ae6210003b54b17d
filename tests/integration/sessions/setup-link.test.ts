import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { claimSetupLink, isSetupLinkOpen } from '#lib/sessions/claim-setup-link.ts';
import { createSetupLink } from '#lib/sessions/create-setup-link.ts';
import { resolveSession } from '#lib/sessions/resolve-session.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';

const { database } = await createTestDatabase({ maxConnections: 2 });
const services = testServices(database);
const source = { ip: '192.0.2.7', userAgent: 'test' };
const person = {
  email: 'Dana@Example.com',
  name: 'Dana',
  password: 'a long enough password',
  organizationName: 'Northwind Services',
};

async function newLink(): Promise<string> {
  const { url } = await createSetupLink(services);
  expect(url).toMatch(/^http:\/\/localhost:3000\/setup\/[\w-]{43}$/);
  return url.slice(url.lastIndexOf('/') + 1);
}

test('the first owner comes in by a one-time link, signed in, and the link is closed', async () => {
  const token = await newLink();
  expect(await isSetupLinkOpen(services, token)).toBe(true);
  await expect(
    claimSetupLink(services, source, { token, ...person, password: 'short' }),
  ).rejects.toMatchObject({ issues: [{ field: 'password' }] });
  const earlier = token;
  const newer = await newLink();
  await expect(claimSetupLink(services, source, { token: earlier, ...person })).rejects.toMatchObject({
    code: 'expired',
  });
  const race = await Promise.allSettled([
    claimSetupLink(services, source, { token: newer, ...person }),
    claimSetupLink(services, source, { token: newer, ...person }),
  ]);
  const claimed = race.filter((one) => one.status === 'fulfilled');
  expect(claimed).toHaveLength(1);
  expect(await resolveSession(services, claimed[0]?.value.sessionId ?? '')).toMatchObject({
    email: 'dana@example.com',
    memberships: [{ slug: 'northwind-services', role: 'owner' }],
  });
  expect(await isSetupLinkOpen(services, newer)).toBe(false);
  await expect(createSetupLink(services)).rejects.toMatchObject({ code: 'wrong_state' });
  const { rows } = await asOwner(database, (tx) =>
    tx.query('select action, source_ip, actor_label from mailroom.audit_entries'),
  );
  expect(rows).toEqual([
    { action: 'organization.created', source_ip: source.ip, actor_label: 'dana@example.com' },
  ]);
});

test('a link from before the first owner is closed by any owner, however that one was made', async () => {
  const late = await createTestDatabase({ maxConnections: 2 });
  const lateServices = testServices(late.database);
  const { url } = await createSetupLink(lateServices);
  const token = url.slice(url.lastIndexOf('/') + 1);
  await asOwner(late.database, (tx) =>
    tx.query(`insert into mailroom.users (id, email, name, password_hash)
      values (gen_random_uuid(), 'first@example.com', 'First', '')`),
  );
  expect(await isSetupLinkOpen(lateServices, token)).toBe(false);
  await expect(claimSetupLink(lateServices, source, { token, ...person })).rejects.toMatchObject({
    code: 'expired',
  });
});

test('the token is kept as a hash', async () => {
  await asOwner(database, (tx) =>
    tx.query('update mailroom.users set disabled_at = mailroom.now(), email = id::text'),
  );
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ token_hash: Buffer }>('select token_hash from mailroom.setup_links'),
  );
  expect(rows.every(({ token_hash }) => token_hash.length === 32)).toBe(true);
  expect(await isSetupLinkOpen(services, 'guess')).toBe(false);
});
