import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { isId, newId } from '#lib/ids.ts';
import { createOrganization } from '#lib/organizations/create-organization.ts';
import { createOwner } from '#lib/organizations/create-owner.ts';
import { changePassword } from '#lib/sessions/change-password.ts';
import { closeSession } from '#lib/sessions/close-session.ts';
import { resolveSession } from '#lib/sessions/resolve-session.ts';
import { signIn } from '#lib/sessions/sign-in.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, testServices } from '#tests/support/factories.ts';

// One connection, so that a shift of the clock is made inside it.
const { database } = await createTestDatabase({ maxConnections: 1 });
const services = testServices(database);
const email = 'dana@example.com';
const password = 'a long enough password';
const source = { ip: '192.0.2.7', userAgent: 'test' };
let organization: { id: string; slug: string };
let userId: string;

beforeAll(async () => {
  organization = await createOrganization(services, 'test', { name: 'Northwind' });
  ({ id: userId } = await createOwner(services, 'test', {
    organization: organization.slug,
    email,
    name: 'Dana',
    password,
  }));
});

beforeEach(async () => {
  await database.pool.query(`select set_config('mailroom.clock_offset', '0', false)`);
  await asOwner(database, (tx) => tx.query('delete from mailroom.sign_in_throttle'));
});

async function latestAction(): Promise<unknown> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ action: string; source_ip: string; actor_label: string }>(
      'select action, source_ip, actor_label from mailroom.audit_entries order by id desc limit 1',
    ),
  );
  return rows[0];
}

const wrong = () => signIn(services, source, { email, password: 'not the password' });

describe('signing in', () => {
  test('opens a session that resolves to the person and its organizations', async () => {
    const { sessionId } = await signIn(services, source, { email: ' Dana@Example.com ', password });
    expect(await resolveSession(services, sessionId)).toEqual({
      userId,
      email,
      name: 'Dana',
      memberships: [
        {
          organizationId: organization.id,
          slug: organization.slug,
          name: 'Northwind',
          role: 'owner',
          projectIds: null,
        },
      ],
    });
    expect(await latestAction()).toEqual({
      action: 'session.opened',
      source_ip: source.ip,
      actor_label: email,
    });
  });

  test('with a wrong password and with an unknown address is refused in the same words', async () => {
    await expect(wrong()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await latestAction()).toMatchObject({ action: 'session.refused', source_ip: source.ip });
    const words = await Promise.all(
      [wrong(), signIn(services, source, { email: 'nobody@example.com', password })].map((attempt) =>
        attempt.then(
          () => 'signed in',
          (error: Error) => error.message,
        ),
      ),
    );
    expect(words[0]).toBe(words[1]);
    expect(words[0]).not.toBe('signed in');
  });

  test('to a disabled account is refused', async () => {
    await asOwner(database, (tx) =>
      tx.query('update mailroom.users set disabled_at = mailroom.now() where id = $1', [userId]),
    );
    await expect(signIn(services, source, { email, password })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await asOwner(database, (tx) =>
      tx.query('update mailroom.users set disabled_at = null where id = $1', [userId]),
    );
  });

  test('names the field that is missing', async () => {
    await expect(signIn(services, source, { email: '', password })).rejects.toMatchObject({
      issues: [{ field: 'email' }],
    });
    await expect(signIn(services, source, { email })).rejects.toMatchObject({
      issues: [{ field: 'password' }],
    });
  });
});

describe('guessing', () => {
  test('is stopped per address, whatever the source, until 15 minutes have passed', async () => {
    for (let failure = 0; failure < 10; failure += 1) {
      const from = { ...source, ip: `192.0.2.${failure}` };
      await expect(signIn(services, from, { email, password: 'wrong' })).rejects.toMatchObject({
        code: 'unauthenticated',
      });
    }
    await expect(signIn(services, source, { email, password })).rejects.toMatchObject({ code: 'too_many' });
    await database.pool.query(`select set_config('mailroom.clock_offset', '16 minutes', false)`);
    await expect(signIn(services, source, { email, password })).resolves.toMatchObject({});
  });

  test('all at once gets no further than one after the other', async () => {
    const burst = await Promise.allSettled(
      Array.from({ length: 14 }, (_, guess) =>
        signIn(services, { ...source, ip: `198.51.100.${guess}` }, { email, password: 'wrong' }),
      ),
    );
    const codes = burst.map((one): unknown => one.status === 'rejected' && one.reason.code);
    expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(10);
    expect(codes.filter((code) => code === 'too_many')).toHaveLength(4);
  });

  test('is not counted against those who know the password', async () => {
    for (let time = 0; time < 12; time += 1) await signIn(services, source, { email, password });
  });

  test('is stopped per source, whatever the address', async () => {
    await asOwner(database, (tx) =>
      tx.query(
        `insert into mailroom.sign_in_throttle (subject, window_started_at, failures)
         values ('source:192.0.2.7', mailroom.now(), 50)`,
      ),
    );
    await expect(signIn(services, source, { email, password })).rejects.toMatchObject({ code: 'too_many' });
    const elsewhere = { ...source, ip: '192.0.2.8' };
    await expect(signIn(services, elsewhere, { email, password })).resolves.toMatchObject({});
  });
});

describe('a session', () => {
  test('ends when it is closed, when it expires, and is nobody where the id is not one', async () => {
    const { sessionId } = await signIn(services, source, { email, password });
    expect(isId(sessionId)).toBe(true);
    await database.pool.query(`select set_config('mailroom.clock_offset', '13 hours', false)`);
    expect(await resolveSession(services, sessionId)).toBeNull();
    await database.pool.query(`select set_config('mailroom.clock_offset', '0', false)`);
    expect(await resolveSession(services, sessionId)).not.toBeNull();
    await closeSession(services, sessionId);
    expect(await resolveSession(services, sessionId)).toBeNull();
    expect(await resolveSession(services, newId())).toBeNull();
    expect(await resolveSession(services, "x' or true --")).toBeNull();
  });
});

describe('changing the password', () => {
  test('asks for the current one, ends the other sessions and keeps this one', async () => {
    const here = await signIn(services, source, { email, password });
    const elsewhere = await signIn(services, source, { email, password });
    const ctx = contextOf(services, organization, {
      kind: 'user',
      userId,
      email,
      role: 'owner',
      projectIds: null,
    });
    const next = 'another long password';
    const change = { current: 'not it', next, sessionId: here.sessionId };
    await expect(changePassword(ctx, change)).rejects.toMatchObject({ issues: [{ field: 'current' }] });
    await expect(changePassword(ctx, { ...change, next: 'short' })).rejects.toMatchObject({
      issues: [{ field: 'next' }],
    });
    await changePassword(ctx, { ...change, current: password });
    expect(await latestAction()).toMatchObject({ action: 'password.changed' });
    expect(await resolveSession(services, here.sessionId)).not.toBeNull();
    expect(await resolveSession(services, elsewhere.sessionId)).toBeNull();
    await expect(signIn(services, source, { email, password })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await signIn(services, source, { email, password: next });
  });

  test('is for people only', async () => {
    const ctx = contextOf(services, await makeOrganization(database));
    const change = changePassword(ctx, { current: password, next: password, sessionId: newId() });
    await expect(change).rejects.toMatchObject({ code: 'forbidden' });
  });
});
