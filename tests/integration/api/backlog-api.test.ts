import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { KeyScope } from '#lib/access/roles.ts';
import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import { saveFloodSettings } from '#lib/flood/save-flood-settings.ts';
import { createKey } from '#lib/keys/create-key.ts';
import { floodDefaults } from '#lib/policy/flood.ts';
import { holdMails, statesOf } from '#tests/integration/backlog/backlog-scene.ts';
import { setLimit, useUp } from '#tests/integration/limits/limit-scene.ts';
import { makePool } from '#tests/integration/pools/pool-scene.ts';
import { makeScene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf } from '#tests/support/factories.ts';
import { openPortal } from './open-portal.ts';

const { database, connectionString } = await createTestDatabase();
const { services, api } = openPortal(connectionString);

const scene = await makeScene(database, { port: 9 });
const other = await makeScene(database, { port: 9 }, scene.organization);
const path = `/projects/${scene.project.slug}/backlog`;

async function keyFor(scopes: KeyScope[]): Promise<string> {
  const ctx = contextOf(services, scene.organization);
  return (await createKey(ctx, { project: scene.project.slug, name: 'test', scopes })).token;
}

let reader = '';
let operator = '';
beforeAll(async () => {
  reader = await keyFor(['read', 'send', 'cancel']);
  operator = await keyFor(['resume']);
});

const run = z.object({ id: z.string(), state: z.string(), done: z.number(), skipped: z.number() });

test('the backlog is listed with why and since when, page by page', async () => {
  const ids = await holdMails(database, scene, 5);
  const first = await api.get(`${path}?limit=2&reason=day_limit,flood&sort=held&order=up`, { token: reader });
  expect(first.status).toBe(200);
  const { next } = z.object({ next: z.string() }).parse(first.body);
  expect(first.body).toMatchObject({
    items: [{ id: ids[0], reason: 'day_limit', state: 'backlog' }, { id: ids[1] }],
  });
  const second = await api.get(`${path}?limit=2&reason=day_limit,flood&after=${next}`, { token: reader });
  expect(second.body).toMatchObject({ items: [{ id: ids[2] }, { id: ids[3] }] });
  for (const [query, field] of [
    ['colour=red', 'colour'],
    ['limit=many', 'limit'],
    ['order=sideways', 'order'],
    ['reason=boredom', 'reason.0'],
  ] as const) {
    const refused = await api.get(`${path}?${query}`, { token: reader });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'invalid_input', errors: [{ field }] });
  }
});

test('a key with the scope resume resumes chosen mails, suspends others, and sees the run', async () => {
  const ids = await holdMails(database, scene, 3);
  const resumed = await api.post(`${path}/resume`, {
    token: operator,
    body: { ids: ids.slice(0, 2), overrides: { dayLimit: true } },
  });
  expect(resumed.status).toBe(200);
  expect(resumed.body).toMatchObject({
    kind: 'resume',
    state: 'done',
    done: 2,
    skipped: 0,
    startedBy: expect.stringContaining('Key test'),
  });
  const { id } = run.parse(resumed.body);
  const seen = await api.get(`${path}/runs/${id}`, { token: operator });
  expect(seen.body).toMatchObject({ id, done: 2 });
  const suspended = await api.post(`${path}/suspend`, { token: operator, body: { ids: ids.slice(2) } });
  expect(run.parse(suspended.body)).toMatchObject({ state: 'done', done: 1 });
  expect(await statesOf(database, ids)).toMatchObject([
    { state: 'queued', overrides: 1 },
    { state: 'queued', overrides: 1 },
    { state: 'suspended' },
  ]);
});

test('a resume that limits would hold again is refused with their names, unless it passes them or may wait', async () => {
  const held = await makeScene(database, { port: 9 });
  const ctx = contextOf(services, held.organization);
  const { token } = await createKey(ctx, { project: held.project.slug, name: 'test', scopes: ['resume'] });
  const smtp = { organization: held.organization, protocol: 'smtp' } as const;
  await setLimit(database, smtp, { mailsPerDay: 10, recipientsPerMail: 2, highReserve: 1 });
  await useUp(database, smtp, { mails: 8 });
  const ids = await holdMails(database, held, 3);
  const recipients = ['a@example.test', 'b@example.test', 'c@example.test'];
  const large = await holdMails(database, held, 1, { reason: 'recipients_limit', recipients });
  const resume = (body: object) => api.post(`/projects/${held.project.slug}/backlog/resume`, { token, body });
  const all = [...ids, ...large];
  const refused = await resume({ ids: all });
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({
    code: 'held_again',
    heldAgain: {
      // One of the two places left is for high priority.
      dayLimits: [{ scope: 'smtp', limit: 10, used: 8, mails: 3, passedBy: 2 }],
      recipientsLimit: { mails: 1, largest: 3, limit: 2 },
    },
  });
  expect((await resume({ filter: {} })).status).toBe(409);
  expect((await resume({ ids: all, overrides: { dayLimit: true } })).body).toMatchObject({
    heldAgain: { dayLimits: [], recipientsLimit: { mails: 1 } },
  });
  expect((await statesOf(database, all)).every(({ state }) => state === 'backlog')).toBe(true);
  expect((await resume({ ids: ids.slice(0, 1) })).body).toMatchObject({ state: 'done', done: 1 });
  expect((await resume({ ids: ids.slice(1), mayWait: true })).body).toMatchObject({ state: 'done', done: 2 });
  expect(
    (await resume({ ids: large, overrides: { dayLimit: true, recipientsLimit: true } })).body,
  ).toMatchObject({
    done: 1,
  });
});

test('many that match a filter go on in the background, with 202', async () => {
  await holdMails(database, scene, 260, { reason: 'flood' });
  const begun = await api.post(`${path}/resume`, {
    token: operator,
    body: { filter: { reason: ['flood'] } },
  });
  expect(begun.status).toBe(202);
  const { id } = run.parse(begun.body);
  while ((await advanceBulkRuns(services)) > 0);
  const seen = await api.get(`${path}/runs/${id}`, { token: reader });
  expect(seen.body).toMatchObject({ state: 'done', done: 260, secondsLeft: null });
});

test('what was held as a flood is seen, let go and let through (PRODUCT 5.10)', async () => {
  const flooded = await makeScene(database, { port: 9 });
  const ctx = contextOf(services, flooded.organization);
  const { slug } = flooded.project;
  await saveFloodSettings(ctx, {
    project: slug,
    thresholds: { ...floodDefaults, repeatsPerHour: 1 },
  });
  const { token } = await createKey(ctx, { project: slug, name: 'test', scopes: ['resume', 'read', 'send'] });
  const at = `/projects/${slug}`;
  const send = (subject: string) =>
    api.post(`${at}/messages`, { token, body: { to: 'a@x.test', subject, text: 'Hello' } });
  await send('Ticket 1');
  const { id } = z.object({ id: z.string() }).parse((await send('Ticket 2')).body);
  const listed = await api.get(`${at}/backlog?reason=flood`, { token });
  expect(listed.body).toMatchObject({ items: [{ id, reason: 'flood' }] });
  const allowed = await api.post(`${at}/backlog/allow`, { token, body: { ids: [id], span: 'day' } });
  expect(allowed.body).toMatchObject({ shapes: 1, run: { state: 'done', done: 1 } });
  expect((await send('Ticket 3')).body).toMatchObject({ held: null });
  const flood = await api.get(`${at}/flood`, { token });
  expect(flood.body).toMatchObject({
    thresholds: { repeatsPerHour: 1 },
    allowances: [{ rule: 'repeated', createdBy: expect.stringContaining('Key test') }],
  });
  const again = await api.post(`${at}/backlog/allow`, { token, body: { ids: [id] } });
  expect(again.status).toBe(409);
  expect(again.body).toMatchObject({ code: 'wrong_state' });
  expect((await api.post(`${at}/backlog/allow`, { token: operator, body: { ids: [id] } })).status).toBe(404);
});

test('a caller sees which pool paces its project (PRODUCT 5.9)', async () => {
  const paced = await makeScene(database, { port: 9 });
  const ctx = contextOf(services, paced.organization);
  const { slug } = paced.project;
  const { token } = await createKey(ctx, { project: slug, name: 'test', scopes: ['read'] });
  expect((await api.get(`/projects/${slug}/pace`, { token })).body).toEqual({ pace: null });
  const pool = await makePool(database, [paced], { mailsPerMinute: 30, recipientsPerDay: 10_000 });
  expect((await api.get(`/projects/${slug}/pace`, { token })).body).toMatchObject({
    pace: {
      pool: { id: pool },
      isPaced: false,
      nextAt: null,
      stopped: null,
      usable: { mailsPerMinute: 30, recipientsPerDay: 10_000, mailsPerHour: null },
    },
  });
  expect((await api.get(`/projects/${slug}/pace`, { token: operator })).status).toBe(404);
});

test('without the scope, in another project and with nothing chosen it is refused', async () => {
  const [id = ''] = await holdMails(database, other, 1);
  const body = { ids: [id] };
  expect((await api.post(`${path}/resume`, { token: reader, body })).status).toBe(403);
  expect((await api.get(path, { token: operator })).status).toBe(403);
  const elsewhere = `/projects/${other.project.slug}/backlog`;
  expect((await api.post(`${elsewhere}/resume`, { token: operator, body })).status).toBe(404);
  // A mail of another project is not among those of this one.
  expect((await api.post(`${path}/suspend`, { token: operator, body })).body).toMatchObject({
    done: 0,
    skipped: 1,
  });
  const empty = await api.post(`${path}/resume`, { token: operator, body: { ids: [] } });
  expect(empty.status).toBe(422);
  expect((await statesOf(database, [id]))[0]).toMatchObject({ state: 'backlog' });
});
