import { beforeAll, expect, test } from 'vitest';
import type { KeyScope } from '#lib/access/roles.ts';
import { createKey } from '#lib/keys/create-key.ts';
import { saveLimitPolicy } from '#lib/limits/save-limit-policy.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, makeProject } from '#tests/support/factories.ts';
import { setLimit, useUp } from '#tests/integration/limits/limit-scene.ts';
import { makeScene } from '#tests/integration/queue/queue-scene.ts';
import { openPortal } from './open-portal.ts';

const { database, connectionString } = await createTestDatabase();
const { services, api } = openPortal(connectionString);

const { organization, project } = await makeScene(database, { port: 25 }, await makeOrganization(database));
const other = await makeProject(database, organization);
const smtp = { organization, protocol: 'smtp' } as const;
const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };
const path = `/projects/${project.slug}`;

async function keyFor(scopes: KeyScope[]): Promise<string> {
  const ctx = contextOf(services, organization);
  return (await createKey(ctx, { project: project.slug, name: 'test', scopes })).token;
}

let token = '';
beforeAll(async () => {
  token = await keyFor(['send', 'read']);
});

test('tells limit, used, left and when the day ends', async () => {
  expect((await api.get(`${path}/limits`, { token })).body).toMatchObject({
    limit: null,
    left: null,
    used: 0,
  });
  await setLimit(database, smtp, { mailsPerDay: 10, recipientsPerMail: 3, highReserve: 2 });
  await useUp(database, smtp, { mails: 4 });
  const answer = await api.get(`${path}/limits`, { token });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    limit: 10,
    used: 4,
    left: 6,
    reservedForHigh: 2,
    recipientsPerMail: 3,
    recipientsPolicy: 'hold',
    window: { kind: 'calendar', timeZone: 'UTC' },
    limits: [
      { over: 'protocol', protocol: 'smtp', mailsPerDay: 10, used: 4 },
      { over: 'project', protocol: null, mailsPerDay: null },
    ],
  });
  expect(answer.body).toHaveProperty('resetsAt', expect.stringMatching(/T00:00:00\.000Z$/));
});

test('is for keys that read, of this project', async () => {
  const sendOnly = await keyFor(['send']);
  expect((await api.get(`${path}/limits`, { token: sendOnly })).status).toBe(403);
  expect((await api.get(`/projects/${other.slug}/limits`, { token })).status).toBe(404);
  expect((await api.get(`${path}/limits`, { token: null })).status).toBe(401);
});

test('who sends into a limit hears 202, backlog and the reason (PRODUCT 5.4)', async () => {
  await setLimit(database, smtp, { mailsPerDay: 1 });
  const held = await api.post(`${path}/messages`, { token, body: letter });
  expect(held.status).toBe(202);
  expect(held.body).toMatchObject({ state: 'backlog', held: 'day_limit', waiting: null });
  const list = await api.get(`${path}/messages?state=backlog`, { token });
  expect(list.body).toMatchObject({ messages: [{ held: { reason: 'day_limit', releasedBy: 'auto' } }] });
  const dry = await api.post(`${path}/messages`, { token, body: { ...letter, dryRun: true } });
  expect(dry.body).toMatchObject({ held: { reason: 'day_limit' }, limits: [{ mailsPerDay: 1 }, {}] });
  const batch = await api.post(`${path}/messages/batch`, { token, body: { messages: [letter] } });
  expect(batch.body).toMatchObject({ results: [{ status: 202, message: { held: 'day_limit' } }] });
});

test('a mail with too many recipients is refused with its own code where the organization refuses', async () => {
  await setLimit(database, smtp, { recipientsPerMail: 1 });
  await saveLimitPolicy(contextOf(services, organization), { recipientsPolicy: 'refuse' });
  const body = { ...letter, cc: 'eve@example.com' };
  const answer = await api.post(`${path}/messages`, { token, body });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: 'too_many_recipients', errors: [{ field: 'to' }] });
});
