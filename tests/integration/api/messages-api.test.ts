import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { asOwner } from '#db/client.ts';
import { createKey } from '#lib/keys/create-key.ts';
import { revokeKey } from '#lib/keys/revoke-key.ts';
import type { KeyScope } from '#lib/access/roles.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  type TestOrganization,
  type TestProject,
} from '#tests/support/factories.ts';
import * as messagesRoute from '#app/api/v1/projects/[project]/messages/route.ts';
import { openPortal } from './open-portal.ts';

const { database, connectionString } = await createTestDatabase();
const { services, api } = openPortal(connectionString, { MAILROOM_MAX_MESSAGE_BYTES: '200000' });

const organization = await makeOrganization(database);
const project = await makeProject(database, organization);
const other = await makeProject(database, organization);
const stranger = await makeOrganization(database);
const strange = await makeProject(database, stranger);

async function keyFor(
  owner: TestOrganization,
  of: TestProject,
  scopes: KeyScope[] = ['send', 'read', 'cancel'],
): Promise<{ id: string; token: string }> {
  return createKey(contextOf(services, owner), { project: of.slug, name: 'test', scopes });
}

let token = '';
let strangeToken = '';
beforeAll(async () => {
  token = (await keyFor(organization, project)).token;
  strangeToken = (await keyFor(stranger, strange)).token;
});

const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };
const path = `/projects/${project.slug}/messages`;
const accepted = z.object({ id: z.string(), state: z.string(), waiting: z.string().nullable() });
const described = z.object({
  paths: z.record(z.string(), z.object({ post: z.object({ description: z.string() }).optional() })),
});
const problem = z.object({
  code: z.string(),
  status: z.number(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })),
  limitBytes: z.number().optional(),
});

async function count(table: string): Promise<number> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ count: number }>(`select count(*) as count from mailroom.${table}`),
  );
  return rows[0]?.count ?? -1;
}

test('a message is accepted, read, listed and cancelled', async () => {
  const answer = await api.post(path, { token, body: letter });
  expect(answer.status).toBe(202);
  const { id, waiting } = accepted.parse(answer.body);
  expect(waiting).toBe('not_set_up');
  const one = await api.get(`${path}/${id}`, { token });
  expect(one.body).toMatchObject({
    id,
    state: 'queued',
    recipients: [{ address: 'ada@example.com', kind: 'to' }],
  });
  const list = await api.get(`${path}?search=hel&state=queued,sent&limit=5`, { token });
  expect(list.body).toMatchObject({ messages: [{ id }] });
  const cancelled = await api.post(`${path}/${id}/cancel`, { token });
  expect(cancelled.body).toMatchObject({ id, state: 'cancelled' });
  const again = await api.post(`${path}/${id}/cancel`, { token });
  expect(problem.parse(again.body).code).toBe('wrong_state');
});

test('a key that may only cancel is told what it has cancelled', async () => {
  const { id } = accepted.parse((await api.post(path, { token, body: letter })).body);
  const canceller = (await keyFor(organization, project, ['cancel'])).token;
  const cancelled = await api.post(`${path}/${id}/cancel`, { token: canceller });
  expect(cancelled.status).toBe(200);
  expect(cancelled.body).toMatchObject({ id, state: 'cancelled' });
  expect((await api.get(`${path}/${id}`, { token: canceller })).status).toBe(403);
});

test('a message that waits for its time is tried now, once', async () => {
  const sendAt = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = accepted.parse((await api.post(path, { token, body: { ...letter, sendAt } })).body);
  const tried = await api.post(`${path}/${id}/try-now`, { token });
  expect(tried.body).toMatchObject({ id, state: 'queued', waiting: { reason: 'not_set_up' } });
  const again = await api.post(`${path}/${id}/try-now`, { token });
  expect(problem.parse(again.body).code).toBe('wrong_state');
  const strange = await api.post(`${path}/01934f0c-8a11-7c52-8000-000000000000/try-now`, { token });
  expect(strange.status).toBe(404);
});

test('a repeated idempotency key answers as the first time, another body is refused', async () => {
  const headers = { 'idempotency-key': 'ticket-7' };
  const first = await api.post(path, { token, body: letter, headers });
  const second = await api.post(path, { token, body: letter, headers });
  expect(second.body).toEqual(first.body);
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  const third = await api.post(path, { token, body: { ...letter, subject: 'Other' }, headers });
  expect(third.status).toBe(409);
  expect(problem.parse(third.body).code).toBe('idempotency_conflict');
});

test('every fault names its field, and nothing is stored', async () => {
  const before = await count('messages');
  const answer = await api.post(path, {
    token,
    body: {
      to: ['ada@example.com', 'nobody'],
      cc: [{ address: 'x' }],
      subject: 'a\r\nBcc: eve@example.com',
      text: 'x',
      headers: { 'Content-Type': 'text/html', 'X-Ok': 'fine' },
      attachments: [{ filename: '../x', contentType: 'text/plain', content: '***' }],
      priority: 'urgent',
      tags: ['a\nb'],
      colour: 'red',
    },
  });
  expect(answer.status).toBe(422);
  const fields = problem.parse(answer.body).errors.map(({ field }) => field);
  expect(fields).toEqual(
    expect.arrayContaining([
      'to.1',
      'cc.0.address',
      'subject',
      'headers.Content-Type',
      'attachments.0.filename',
      'attachments.0.content',
      'priority',
      'tags.0',
      'colour',
    ]),
  );
  expect(await count('messages')).toBe(before);
});

test('a batch gives each message its own result, in order (PRODUCT 4.1)', async () => {
  const before = await count('messages');
  const keyed = { ...letter, idempotencyKey: 'batch-1' };
  const answer = await api.post(`${path}/batch`, {
    token,
    body: { messages: [letter, { ...letter, to: 'x' }, keyed, keyed, { ...keyed, subject: 'Other' }, 7] },
  });
  expect(answer.status).toBe(200);
  const { results } = z
    .object({ results: z.array(z.object({ status: z.number(), isReplay: z.boolean().optional() })) })
    .parse(answer.body);
  expect(results.map(({ status }) => status)).toEqual([202, 422, 202, 202, 409, 422]);
  expect(results[3]?.isReplay).toBe(true);
  expect(await count('messages')).toBe(before + 2);
  const repeated = await api.post(`${path}/batch`, { token, body: { messages: [keyed] } });
  expect(repeated.body).toMatchObject({ results: [{ status: 202, isReplay: true }] });
  expect(await count('messages')).toBe(before + 2);
});

test('a dry run shows the finished message and stores nothing (PRODUCT 4.10)', async () => {
  const tables = ['messages', 'contents', 'idempotency_keys', 'queue_entries'];
  const before = await Promise.all(tables.map(count));
  const answer = await api.post(path, {
    token,
    body: { ...letter, bcc: 'eve@example.com', dryRun: true },
    headers: { 'idempotency-key': 'dry' },
  });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    envelope: { to: ['ada@example.com', 'eve@example.com'] },
    route: null,
    waiting: { reason: 'not_set_up' },
  });
  const { mime } = z.object({ mime: z.string() }).parse(answer.body);
  expect(mime).not.toContain('eve@example.com');
  expect(await Promise.all(tables.map(count))).toEqual(before);
});

test('a key reaches its own project only, and no other tenant (PRODUCT 10.2)', async () => {
  const { id } = accepted.parse((await api.post(path, { token, body: letter })).body);
  for (const target of [other.slug, other.id, strange.slug, strange.id, 'no-such-project']) {
    expect((await api.post(`/projects/${target}/messages`, { token, body: letter })).status).toBe(404);
    expect((await api.get(`/projects/${target}/messages`, { token })).status).toBe(404);
  }
  expect((await api.get(`/projects/${project.slug}/messages/${id}`, { token: strangeToken })).status).toBe(
    404,
  );
  expect((await api.get(`/projects/${strange.slug}/messages/${id}`, { token: strangeToken })).status).toBe(
    404,
  );
  expect(
    (await api.post(`/projects/${strange.slug}/messages/${id}/cancel`, { token: strangeToken })).status,
  ).toBe(404);
});

test('without a valid key nothing is answered; a revoked key is refused at once', async () => {
  expect((await api.post(path, { token: null, body: letter })).status).toBe(401);
  expect((await api.get(path, { token: `mr_live_${'x'.repeat(43)}` })).status).toBe(401);
  const key = await keyFor(organization, project);
  expect((await api.post(path, { token: key.token, body: letter })).status).toBe(202);
  await revokeKey(contextOf(services, organization), { project: project.slug, key: key.id });
  const refused = await api.post(path, { token: key.token, body: letter });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toContain('Bearer');
  expect((await api.get(path, { token: key.token })).status).toBe(401);
});

test('a key without the scope is forbidden', async () => {
  const { token: reader } = await keyFor(organization, project, ['read']);
  expect((await api.post(path, { token: reader, body: letter })).status).toBe(403);
  const { token: sender } = await keyFor(organization, project, ['send']);
  expect((await api.get(path, { token: sender })).status).toBe(403);
  const sendAt = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = accepted.parse((await api.post(path, { token, body: { ...letter, sendAt } })).body);
  expect((await api.post(`${path}/${id}/try-now`, { token: sender })).status).toBe(403);
  expect((await api.post(`${path}/${id}/try-now`, { token: reader })).status).toBe(403);
  expect((await api.get(`${path}/${id}`, { token })).body).toMatchObject({ sendAt });
});

test('an archived project takes no mail, but repeats what it answered before', async () => {
  const closing = await makeProject(database, organization);
  const { token: closingToken } = await keyFor(organization, closing);
  const to = `/projects/${closing.slug}/messages`;
  const headers = { 'idempotency-key': 'before' };
  const first = await api.post(to, { token: closingToken, body: letter, headers });
  await asOwner(database, (tx) =>
    tx.query('update mailroom.projects set archived_at = mailroom.now() where id = $1', [closing.id]),
  );
  const refused = await api.post(to, { token: closingToken, body: letter });
  expect(problem.parse(refused.body).code).toBe('archived');
  expect((await api.post(to, { token: closingToken, body: letter, headers })).body).toEqual(first.body);
});

test('sizes are limited with a clear 413, and read no further', async () => {
  const tooLarge = await api.post(path, { token, body: { ...letter, text: 'x '.repeat(150_000) } });
  expect(tooLarge.status).toBe(413);
  expect(problem.parse(tooLarge.body).limitBytes).toBe(200_000);
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(65_536).fill(0x20));
    },
  });
  const cut = await api.post(path, { token, body: endless });
  expect(cut.status).toBe(413);
  expect(pulled).toBeLessThan(40);
});

test.each([
  ['not JSON', '{"to":', 400],
  ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 400],
  ['a list', '[]', 422],
  ['nested a thousand deep', `${'['.repeat(1000)}${']'.repeat(1000)}`, 422],
  ['a prototype', '{"__proto__":{"to":"ada@example.com"},"text":"x"}', 422],
  ['nothing', '', 400],
])('a body that is %s is refused', async (_, body, status) => {
  expect((await api.post(path, { token, body })).status).toBe(status);
});

test('only JSON is taken', async () => {
  const headers = { 'content-type': 'text/plain' };
  expect((await api.post(path, { token, body: letter, headers })).status).toBe(415);
  const packed = { 'content-encoding': 'gzip' };
  expect((await api.post(path, { token, body: letter, headers: packed })).status).toBe(415);
});

test('filters are checked by name', async () => {
  for (const query of ['colour=red', 'state=blue', 'limit=x', 'limit=999', 'before=1', 'since=now']) {
    const answer = await api.get(`${path}?${query}`, { token });
    expect(answer.status).toBe(422);
    expect(problem.parse(answer.body).errors[0]?.field.split('.')[0]).toBe(query.split('=')[0]);
  }
});

test('the description takes what the routes take', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'api', ...api.described });
  const validate = ajv.compile({ $ref: 'api#/components/schemas/ComposedMessage' });
  expect(validate(letter)).toBe(true);
  expect(validate({ ...letter, colour: 'red' })).toBe(false);
  expect(validate({ ...letter, to: [{ address: 'ada@example.com', name: 'Ada' }] })).toBe(true);
  const { paths } = described.parse(api.described);
  const needs = (address: string) => paths[`/projects/{project}${address}`]?.post?.description;
  expect(needs('/messages')).toBe('Needs a key with the scope send.');
  expect(needs('/messages/{id}/try-now')).toBe('Needs a key with the scopes send and read.');
});

test('a method that an address does not take is refused as a problem that names the others', async () => {
  const response = messagesRoute.DELETE();
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET, POST');
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(await response.json()).toMatchObject({ status: 405, code: 'method_not_allowed' });
});
