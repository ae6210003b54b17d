import { beforeAll, expect, test } from 'vitest';
import { asOwner, asWorker, type Transaction, withTenant } from '#db/client.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import type { Services } from '#lib/context.ts';
import { cancelMessages } from '#lib/messages/cancel-messages.ts';
import { resendMessage } from '#lib/messages/resend-message.ts';
import { tryMessagesNow } from '#lib/messages/try-messages-now.ts';
import { expireDue } from '#lib/queue/expire-due.ts';
import { makeScene, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { holdMails, statesOf } from './backlog-scene.ts';

let db: TestDatabase;
let services: Services;
let scene: Scene;
let ids: readonly string[];

beforeAll(async () => {
  db = await createTestDatabase();
  services = testServices(db.database);
  scene = await makeScene(db.database, { port: 9 });
  ids = await holdMails(db.database, scene, 2, { expiresInMs: 1 });
  const ctx = contextOf(services, scene.organization);
  await startBulkRun(ctx, { project: scene.project.slug, kind: 'suspend', selection: { ids: [...ids] } });
});

type Run = (work: (tx: Transaction) => Promise<unknown>) => Promise<unknown>;

const asRole: Readonly<Record<string, Run>> = {
  app: (work) => withTenant(db.database, { organizationId: scene.organization.id, userId: null }, work),
  worker: (work) => asWorker(db.database, work),
  owner: (work) => asOwner(db.database, work),
};

const refusedByDatabase = { code: expect.stringMatching(/^(?:42501)$/) };

// PRODUCT 5.7: the database itself refuses, whoever asks.
test.each(
  Object.keys(asRole).flatMap((role) =>
    [
      'delete from mailroom.messages where id = $1',
      'delete from mailroom.held_messages where message_id = $1',
      'delete from mailroom.recipients where message_id = $1',
      'delete from mailroom.contents where message_id = $1',
      'delete from mailroom.shared_events where id = any (select unnest(shared_event_ids) from mailroom.messages where id = $1)',
      `update mailroom.shared_events set kind = 'resumed' where project_id <> $1`,
      `update mailroom.messages set state = 'queued' where id = $1`,
      `update mailroom.messages set state = 'cancelled' where id = $1`,
      'update mailroom.messages set suspended_at = null where id = $1',
    ].map((statement) => [role, statement] as const),
  ),
)('as %s: %s is refused', async (role, statement) => {
  await expect(asRole[role]?.((tx) => tx.query(statement, [ids[0]]))).rejects.toMatchObject(
    refusedByDatabase,
  );
});

test.each([
  'update mailroom.messages set id = gen_random_uuid() where id = $1',
  'update mailroom.messages set project_id = gen_random_uuid() where id = $1',
  'update mailroom.held_messages set message_id = gen_random_uuid() where message_id = $1',
  'update mailroom.held_messages set project_id = gen_random_uuid() where message_id = $1',
])('as owner: %s is refused, for nothing would find the mail again', async (statement) => {
  await expect(asRole['owner']?.((tx) => tx.query(statement, [ids[0]]))).rejects.toMatchObject(
    refusedByDatabase,
  );
});

test.each(
  Object.keys(asRole).flatMap((role) =>
    [
      'messages',
      'held_messages',
      'recipients',
      'contents',
      'message_events',
      'shared_events',
      'messages cascade',
    ].map((table) => [role, table] as const),
  ),
)('as %s: truncating %s is refused', async (role, table) => {
  await expect(asRole[role]?.((tx) => tx.query(`truncate mailroom.${table}`))).rejects.toMatchObject(
    refusedByDatabase,
  );
});

test('they neither expire nor are cancelled, resent or tried', async () => {
  const ctx = contextOf(services, scene.organization);
  const project = scene.project.slug;
  const nothing = { done: 0, skipped: 2 };
  await expireDue(db.database, 0);
  expect(await cancelMessages(ctx, { project, ids: [...ids] })).toEqual(nothing);
  expect(await tryMessagesNow(ctx, { project, ids: [...ids] })).toMatchObject(nothing);
  await expect(resendMessage(ctx, { project, id: ids[0] ?? '' })).rejects.toMatchObject({
    code: 'wrong_state',
  });
  expect(await statesOf(db.database, ids)).toEqual(
    ids.map(() => expect.objectContaining({ state: 'suspended', held_state: 'suspended', in_queue: false })),
  );
});

test('what was suspended once is never purged, wherever it is now', async () => {
  const ctx = contextOf(services, scene.organization);
  const once = await holdMails(db.database, scene, 1);
  const project = scene.project.slug;
  await startBulkRun(ctx, { project, kind: 'suspend', selection: { ids: [...once] } });
  await startBulkRun(ctx, { project, kind: 'return', selection: { ids: [...once] } });
  expect(await cancelMessages(ctx, { project, ids: [...once] })).toEqual({ done: 1, skipped: 0 });
  for (const table of ['messages where id', 'contents where message_id', 'recipients where message_id']) {
    await expect(
      asOwner(db.database, (tx) => tx.query(`delete from mailroom.${table} = $1`, [once[0]])),
    ).rejects.toMatchObject(refusedByDatabase);
  }
});
