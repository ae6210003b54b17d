import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { KeyScope } from '#lib/access/roles.ts';
import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import { createKey } from '#lib/keys/create-key.ts';
import { holdMails, statesOf } from '#tests/integration/backlog/backlog-scene.ts';
import { makeScene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, testKeys } from '#tests/support/factories.ts';

const { database, connectionString } = await createTestDatabase();
process.env['DATABASE_URL'] = connectionString;
process.env['MAILROOM_KEYS'] = testKeys;
process.env['LOG_LEVEL'] = 'silent';
const { portalServices } = await import('#app/_server/services.ts');
const { apiClient } = await import('./client.ts');
const services = portalServices();
const api = apiClient(services);

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
