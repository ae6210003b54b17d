import { afterEach, beforeAll, expect, test } from 'vitest';
import { autoResumeDue } from '#lib/backlog/auto-resume-due.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import type { Context, Services } from '#lib/context.ts';
import { decideUncertainMessages } from '#lib/messages/decide-uncertain-messages.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { startMessageRun } from '#lib/messages/start-message-run.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import {
  attemptsOf,
  countStates,
  makeScene,
  queueMails,
  type Scene,
  waitForStates,
} from '#tests/integration/queue/queue-scene.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { drop } from '#tests/servers/smtp/hostile-script.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, makeMember, testServices, userActor } from '#tests/support/factories.ts';
import { sqlRows } from './scene.ts';

let db: TestDatabase;
let services: Services;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  services = testServices(db.database);
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function uncertain(
  scene: Scene,
  count: number,
  recipients?: readonly string[],
): Promise<readonly string[]> {
  const ids = await queueMails(db.database, scene, count, recipients === undefined ? {} : { recipients });
  await sqlRows(db.database, 'delete from mailroom.queue_entries where message_id = any ($1::uuid[])', [ids]);
  await sqlRows(
    db.database,
    `update mailroom.messages set state = 'uncertain', state_reason = 'HELD_BY_CHOICE', attempt_count = 1,
       uncertain_count = 1 where id = any ($1::uuid[])`,
    [ids],
  );
  return ids;
}

async function desk(port = 9) {
  const scene = await makeScene(db.database, { port, sending: { uncertain: 'hold' } });
  return { scene, ctx: contextOf(services, scene.organization), project: scene.project.slug };
}

async function recipientsOf(id: string | undefined): Promise<readonly string[]> {
  const rows = await sqlRows<{ state: string; code: string | null }>(
    db.database,
    'select state, code from mailroom.recipients where message_id = $1 order by position',
    [id],
  );
  return rows.map(({ state, code }) => `${state} ${code}`);
}

function actionsOf(ctx: Context) {
  return sqlRows<{ action: string; actor_label: string }>(
    db.database,
    'select action, actor_label from mailroom.audit_entries where organization_id = $1 order by id',
    [ctx.organizationId],
  );
}

test('a person says that it arrived: sent, with its recipients, in the history', async () => {
  const { scene, ctx, project } = await desk();
  const [id = ''] = await uncertain(scene, 1, ['a@example.test', 'b@example.test']);
  await sqlRows(
    db.database,
    `update mailroom.recipients set state = 'refused', code = 'X' where message_id = $1 and position = 1`,
    [id],
  );
  expect(await decideUncertainMessages(ctx, { project, ids: [id], as: 'mark_sent' })).toEqual({
    done: 1,
    skipped: 0,
  });
  const message = await getMessage(ctx, { project, id });
  expect(message).toMatchObject({ state: 'sent', stateReason: 'MARKED_SENT', acceptedCount: 1 });
  expect(message.events).toMatchObject([{ kind: 'marked_sent', actor: 'test' }]);
  expect(await recipientsOf(id)).toEqual(['accepted MARKED_SENT', 'refused X']);
  expect(await actionsOf(ctx)).toEqual([{ action: 'message.marked_sent', actor_label: 'test' }]);
});

test('a person gives it up: failed, or sent where somebody had it before', async () => {
  const { scene, ctx, project } = await desk();
  const [alone = '', shared = ''] = await uncertain(scene, 2);
  await sqlRows(db.database, 'update mailroom.messages set accepted_count = 1 where id = $1', [shared]);
  expect(
    await decideUncertainMessages(ctx, { project, ids: [alone, shared], as: 'mark_failed' }),
  ).toMatchObject({
    done: 2,
  });
  expect(await getMessage(ctx, { project, id: alone })).toMatchObject({
    state: 'failed',
    stateReason: 'MARKED_FAILED',
  });
  expect(await getMessage(ctx, { project, id: shared })).toMatchObject({ state: 'sent' });
  expect(await recipientsOf(alone)).toEqual(['refused MARKED_FAILED']);
});

test('sent again: the same mail with its Message-ID, as a marked repeat that counts in no limit', async () => {
  const sink = await startFastSink();
  endings.push(() => sink.close());
  const { scene, ctx, project } = await desk(sink.port);
  const [id = ''] = await uncertain(scene, 1);
  const { messageId } = await getMessage(ctx, { project, id });
  expect(await decideUncertainMessages(ctx, { project, ids: [id], as: 'send_again' })).toMatchObject({
    done: 1,
  });
  const worker = await runWorker(services);
  endings.push(() => worker.stop());
  await waitForStates(db.database, scene, { sent: 1 });
  const message = await getMessage(ctx, { project, id });
  expect(message).toMatchObject({ messageId, isRepeated: true });
  expect((await attemptsOf(db.database, scene)).map(({ outcome, repeat }) => [outcome, repeat])).toEqual([
    ['accepted', true],
  ]);
  const used = await sqlRows(
    db.database,
    'select mails from mailroom.limit_usage where organization_id = $1 and mails > 0',
    [scene.organization.id],
  );
  expect(used).toEqual([]);
});

test('a doubt after that is uncertain again, and never sent by itself', async () => {
  const server = await startHostileServer({ reactions: { endOfData: drop } });
  endings.push(() => server.close());
  const { scene, ctx, project } = await desk(server.port);
  const [id = ''] = await uncertain(scene, 1);
  await decideUncertainMessages(ctx, { project, ids: [id], as: 'send_again' });
  const worker = await runWorker(services);
  endings.push(() => worker.stop());
  await waitForStates(db.database, scene, { uncertain: 1 });
  expect(server.contents).toHaveLength(1);
  expect(await getMessage(ctx, { project, id })).toMatchObject({ stateReason: 'HELD_BY_CHOICE' });
});

test('only uncertain ones are decided, once; an expired one is not sent again; keys and viewers may not', async () => {
  const { scene, ctx, project } = await desk();
  const ids = await uncertain(scene, 3);
  const [queued = ''] = await queueMails(db.database, scene, 1);
  await sqlRows(
    db.database,
    `update mailroom.messages set expires_at = mailroom.now() - interval '1 minute' where id = $1`,
    [ids[0]],
  );
  expect(await decideUncertainMessages(ctx, { project, ids: [...ids, queued], as: 'send_again' })).toEqual({
    done: 2,
    skipped: 2,
  });
  expect(await decideUncertainMessages(ctx, { project, ids: [...ids], as: 'mark_sent' })).toEqual({
    done: 1,
    skipped: 2,
  });
  const both = await Promise.all([
    decideUncertainMessages(ctx, { project, ids: [...(await uncertain(scene, 1))], as: 'mark_failed' }),
    decideUncertainMessages(ctx, { project, ids: [...ids], as: 'mark_failed' }),
  ]);
  expect(both.map(({ done }) => done)).toEqual([1, 0]);
  const viewer = userActor(await makeMember(db.database, scene.organization, 'viewer'), 'viewer');
  await expect(
    decideUncertainMessages({ ...ctx, actor: viewer }, { project, ids: [...ids], as: 'mark_sent' }),
  ).rejects.toMatchObject({ code: 'forbidden' });
  const foreign = await desk();
  expect(
    await decideUncertainMessages(foreign.ctx, { project: foreign.project, ids: [...ids], as: 'mark_sent' }),
  ).toEqual({ done: 0, skipped: 3 });
});

test('two clicks at once on the same mails decide each of them once', async () => {
  const { scene, ctx, project } = await desk();
  const ids = await uncertain(scene, 20);
  const answers = await Promise.all([
    decideUncertainMessages(ctx, { project, ids: [...ids], as: 'mark_sent' }),
    decideUncertainMessages(ctx, { project, ids: ids.toReversed(), as: 'send_again' }),
  ]);
  expect(answers.reduce((sum, { done }) => sum + done, 0)).toBe(20);
  const states = await countStates(db.database, scene);
  expect((states['sent'] ?? 0) + (states['retrying'] ?? 0)).toBe(20);
});

test('all that match are decided in one go, with one entry that has filter and number', async () => {
  const { scene, ctx, project } = await desk();
  await uncertain(scene, 12);
  const run = await startMessageRun(ctx, {
    project,
    kind: 'mark_failed',
    selection: { filter: { state: ['uncertain'] } },
  });
  expect(run).toMatchObject({ done: 12, skipped: 0 });
  expect(await countStates(db.database, scene)).toEqual({ failed: 12 });
});

test('neither Resume nor auto resume touches captured or uncertain mails (PRODUCT 4.3)', async () => {
  const { scene, ctx, project } = await desk();
  const ids = [...(await uncertain(scene, 2)), ...(await uncertain(scene, 1))];
  await sqlRows(db.database, `update mailroom.messages set state = 'captured' where id = $1`, [ids[2]]);
  await sqlRows(
    db.database,
    'update mailroom.limit_policies set auto_resume = true where organization_id = $1',
    [scene.organization.id],
  );
  for (const selection of [{ ids }, { filter: {} }]) {
    expect(await startBulkRun(ctx, { project, kind: 'resume', selection })).toMatchObject({ done: 0 });
  }
  await autoResumeDue(services);
  expect(await countStates(db.database, scene)).toEqual({ uncertain: 2, captured: 1 });
});
