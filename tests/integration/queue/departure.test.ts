import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { releaseMessages } from '#lib/messages/release-messages.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { newId } from '#lib/ids.ts';
import type { SendingMode } from '#lib/settings/schemas.ts';
import { startHostileServer, type HostileServer } from '#tests/servers/smtp/hostile.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { attemptsOf, makeScene, queueLength, queueMails, waitForStates, type Scene } from './queue-scene.ts';

let db: TestDatabase;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function sceneWith(mode: SendingMode): Promise<{ scene: Scene; server: HostileServer }> {
  const server = await startHostileServer();
  endings.push(() => server.close());
  const scene = await makeScene(db.database, { port: server.port, sending: { mode } });
  return { scene, server };
}

function magic(word: string): { recipients: string[] } {
  return { recipients: [`${word}@magic.mailroom.test`] };
}

async function work(): Promise<void> {
  const worker = await runWorker(testServices(db.database));
  endings.push(() => worker.stop());
}

async function recipientStates(id: string | undefined): Promise<readonly string[]> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ state: string }>(
      'select state from mailroom.recipients where message_id = $1 order by position',
      [id],
    ),
  );
  return rows.map(({ state }) => state);
}

test('capture lets no mail out, and a released one leaves', async () => {
  const { scene, server } = await sceneWith({ kind: 'capture' });
  const ids = await queueMails(db.database, scene, 50);
  await work();
  await waitForStates(db.database, scene, { captured: 50 });
  expect(server.connectionCount()).toBe(0);
  expect(await queueLength(db.database, scene)).toBe(0);
  expect(await attemptsOf(db.database, scene)).toEqual([]);
  const ctx = contextOf(testServices(db.database), scene.organization);
  await releaseMessages(ctx, { project: scene.project.id, ids: ids.slice(0, 1) });
  await waitForStates(db.database, scene, { captured: 49, sent: 1 });
  expect(server.deliveries.map(({ to }) => to)).toEqual([['someone@example.test']]);
});

test('redirect sends everything to one address, with the original recipients in a header', async () => {
  const { scene, server } = await sceneWith({ kind: 'redirect', to: 'team@example.test' });
  const recipients = ['one@customer.test', 'two@customer.test'];
  const [id] = await queueMails(db.database, scene, 1, { recipients });
  await work();
  await waitForStates(db.database, scene, { sent: 1 });
  expect(server.deliveries).toHaveLength(1);
  expect(server.deliveries[0]?.to).toEqual(['team@example.test']);
  expect(server.deliveries[0]?.content).toMatch(
    /^X-Mailroom-Original-Recipients: one@customer\.test, two@customer\.test\r\n/m,
  );
  expect(await recipientStates(id)).toEqual(['accepted', 'accepted']);
});

test('an allow list lets its addresses and domains out and captures the rest', async () => {
  const { scene, server } = await sceneWith({
    kind: 'allow_list',
    entries: ['example.test', 'boss@customer.test'],
  });
  const [mixed] = await queueMails(db.database, scene, 1, {
    recipients: ['a@example.test', 'boss@customer.test', 'else@customer.test'],
  });
  await queueMails(db.database, scene, 1, { recipients: ['nobody@sub.example.test'] });
  await work();
  await waitForStates(db.database, scene, { sent: 1, captured: 1 });
  expect(server.deliveries.map(({ to }) => to.toSorted())).toEqual([
    ['a@example.test', 'boss@customer.test'],
  ]);
  expect(await recipientStates(mixed)).toEqual(['accepted', 'accepted', 'captured']);
});

test("a key's stricter mode holds its mails", async () => {
  const { scene, server } = await sceneWith({ kind: 'live' });
  const apiKeyId = newId();
  await asOwner(db.database, (tx) =>
    tx.query(
      `insert into mailroom.api_keys (id, organization_id, project_id, name, token_hash, last_four, scopes, sending_mode, created_by)
       values ($1, $2, $3, 'k', $4, 'abcd', '{send}', '{"kind":"capture"}', 'test')`,
      [apiKeyId, scene.organization.id, scene.project.id, Buffer.from(apiKeyId)],
    ),
  );
  await queueMails(db.database, scene, 1, { apiKeyId });
  await queueMails(db.database, scene, 1);
  await work();
  await waitForStates(db.database, scene, { captured: 1, sent: 1 });
  expect(server.deliveries).toHaveLength(1);
});

test('magic recipients produce their outcomes and never leave', async () => {
  const { scene, server } = await sceneWith({ kind: 'live' });
  await queueMails(db.database, scene, 1, magic('delivered'));
  await queueMails(db.database, scene, 1, magic('permanent'));
  await queueMails(db.database, scene, 1, magic('temporary'));
  await queueMails(db.database, scene, 1, magic('slow'));
  await work();
  // Only a mail that stays on its way is shown as sending.
  await waitForStates(db.database, scene, { sending: 1, sent: 1 });
  await waitForStates(db.database, scene, { sent: 2, failed: 1, retrying: 1 });
  expect(server.connectionCount()).toBe(0);
  const [both] = await queueMails(db.database, scene, 1, {
    recipients: ['real@example.test', 'permanent@magic.mailroom.test'],
  });
  await waitForStates(db.database, scene, { sent: 3 });
  expect(await recipientStates(both)).toEqual(['accepted', 'refused']);
  expect(server.deliveries.map(({ to }) => to)).toEqual([['real@example.test']]);
});
