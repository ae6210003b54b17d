import { beforeAll, expect, test } from 'vitest';
import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import { listBulkRuns, readBulkRun } from '#lib/backlog/list-bulk-runs.ts';
import { stopBulkRun } from '#lib/backlog/stop-bulk-run.ts';
import type { Context, Services } from '#lib/context.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { listMessages } from '#lib/messages/list-messages.ts';
import { previewMessageRun } from '#lib/messages/preview-message-run.ts';
import { startMessageRun } from '#lib/messages/start-message-run.ts';
import { archiveProject } from '#lib/organizations/archive-project.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { countStates, makeScene, queueMails, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { sqlRows } from './scene.ts';

let db: TestDatabase;
let services: Services;

beforeAll(async () => {
  db = await createTestDatabase();
  services = testServices(db.database);
});

async function desk() {
  const scene = await makeScene(db.database, { port: 9 });
  return { scene, ctx: contextOf(services, scene.organization), project: scene.project.slug };
}

/** Mails that were refused once and wait for an hour. */
async function retrying(scene: Scene, count: number): Promise<readonly string[]> {
  const ids = await queueMails(db.database, scene, count);
  await sqlRows(
    db.database,
    `update mailroom.messages set state = 'retrying', attempt_count = 1,
       next_attempt_at = mailroom.now() + interval '1 hour' where id = any ($1::uuid[])`,
    [ids],
  );
  await sqlRows(
    db.database,
    `update mailroom.queue_entries set due_at = mailroom.now() + interval '1 hour' where message_id = any ($1::uuid[])`,
    [ids],
  );
  return ids;
}

async function finished(scene: Scene, count: number, state: string): Promise<readonly string[]> {
  const ids = await queueMails(db.database, scene, count);
  await sqlRows(db.database, 'delete from mailroom.queue_entries where message_id = any ($1::uuid[])', [ids]);
  await sqlRows(db.database, 'update mailroom.messages set state = $2 where id = any ($1::uuid[])', [
    ids,
    state,
  ]);
  return ids;
}

async function dueNow({ project }: Scene): Promise<number> {
  const [row] = await sqlRows<{ count: number }>(
    db.database,
    'select count(*)::int as count from mailroom.queue_entries where project_id = $1 and due_at <= mailroom.now()',
    [project.id],
  );
  return row?.count ?? 0;
}

async function untilDone(ctx: Context, project: string, run: string) {
  for (;;) {
    await advanceBulkRuns(services);
    const view = await readBulkRun(ctx, { project, run });
    if (view.state !== 'running') return view;
  }
}

function auditOf(ctx: Context) {
  return sqlRows<{ action: string; detail: Record<string, unknown> }>(
    db.database,
    'select action, detail from mailroom.audit_entries where organization_id = $1 order by id',
    [ctx.organizationId],
  );
}

test('few that match are tried at once; the preview says how many and what they wait for', async () => {
  const { scene, ctx, project } = await desk();
  await retrying(scene, 3);
  const [last = ''] = await retrying(scene, 1);
  await finished(scene, 2, 'sent');
  const selection = { filter: {}, except: [last] };
  expect(await previewMessageRun(ctx, { project, kind: 'try_now', selection })).toMatchObject({
    mails: 3,
    waits: null,
  });
  await pauseSending(ctx, { project });
  const preview = await previewMessageRun(ctx, { project, kind: 'try_now', selection });
  expect(preview.waits).toEqual({ reason: 'paused', until: null });
  const run = await startMessageRun(ctx, {
    project,
    kind: 'try_now',
    selection,
    expected: preview.mails,
    asOf: preview.asOf,
  });
  expect(run).toMatchObject({ state: 'done', done: 3, skipped: 0, kind: 'try_now', messageFilter: {} });
  expect(await dueNow(scene)).toBe(3);
  expect(await countStates(db.database, scene)).toEqual({ retrying: 4, sent: 2 });
  expect((await auditOf(ctx)).at(-1)).toMatchObject({
    action: 'messages.tried_now',
    detail: { mails: 3, skipped: 0, filter: {}, except: 1 },
  });
  expect(await listBulkRuns(ctx, { project, of: 'held' })).toEqual([]);
  expect(await listBulkRuns(ctx, { project, of: 'messages' })).toHaveLength(1);
});

test('thousands go on in the background in chunks, each mail once, and its history knows', async () => {
  const { scene, ctx, project } = await desk();
  const ids = await retrying(scene, 5_300);
  const run = await startMessageRun(ctx, {
    project,
    kind: 'cancel',
    selection: { filter: { state: ['retrying'], category: 'test' } },
  });
  expect(run).toMatchObject({ state: 'running', expected: 5_300, done: 0 });
  // Two of them change meanwhile, and one comes in: none of these is meant.
  await sqlRows(
    db.database,
    `update mailroom.queue_entries set attempt_id = gen_random_uuid() where message_id = $1`,
    [ids[0]],
  );
  await sqlRows(db.database, `update mailroom.messages set state = 'sent' where id = $1`, [ids[1]]);
  await sqlRows(db.database, 'delete from mailroom.queue_entries where message_id = $1', [ids[1]]);
  await retrying(scene, 1);
  expect(await untilDone(ctx, project, run.id)).toMatchObject({ state: 'done', done: 5_298, skipped: 2 });
  expect(await countStates(db.database, scene)).toEqual({ cancelled: 5_298, retrying: 2, sent: 1 });
  const { events } = await getMessage(ctx, { project, id: ids[5_000] ?? '' });
  expect(events).toMatchObject([{ kind: 'cancelled', actor: 'test', detail: { runId: run.id } }]);
  expect((await auditOf(ctx)).map(({ action }) => action)).toEqual([
    'messages.cancelled',
    'backlog.run_finished',
  ]);
});

test('all that wait are held in the background, each as its run says; the preview says what the backlog comes to', async () => {
  const { scene, ctx, project } = await desk();
  await queueMails(db.database, scene, 5_200);
  const tried = await retrying(scene, 3);
  await finished(scene, 2, 'sent');
  await sqlRows(
    db.database,
    `update mailroom.messages set expires_at = mailroom.now() + interval '2 hours' where id = any ($1::uuid[])`,
    [tried.slice(0, 2)],
  );
  const selection = { filter: {}, except: [tried[2] ?? ''] };
  const preview = await previewMessageRun(ctx, { project, kind: 'hold', selection });
  expect(preview).toMatchObject({ mails: 5_202, waits: null, hold: { inBacklog: 0, expiring: 2 } });
  expect(Date.parse(preview.hold?.firstExpiryAt ?? '')).toBeGreaterThan(Date.parse(preview.asOf));
  const run = await startMessageRun(ctx, { project, kind: 'hold', selection, expected: preview.mails });
  expect(run).toMatchObject({ state: 'running', expected: 5_202 });
  // One starts meanwhile.
  await sqlRows(
    db.database,
    `update mailroom.queue_entries set attempt_id = gen_random_uuid() where message_id = $1`,
    [tried[0]],
  );
  expect(await untilDone(ctx, project, run.id)).toMatchObject({ state: 'done', done: 5_201, skipped: 1 });
  expect(await countStates(db.database, scene)).toEqual({ backlog: 5_201, retrying: 2, sent: 2 });
  const { events, held } = await getMessage(ctx, { project, id: tried[1] ?? '' });
  expect(events).toMatchObject([{ kind: 'held', actor: 'test', detail: { reason: 'by_hand' } }]);
  expect(held).toMatchObject({ reason: 'by_hand', releasedBy: 'person' });
  expect((await auditOf(ctx)).map(({ action, detail }) => [action, detail['mails']])).toEqual([
    ['backlog.held', 5_202],
    ['backlog.run_finished', 5_201],
  ]);
  const again = await previewMessageRun(ctx, {
    project,
    kind: 'hold',
    selection: { ids: [...tried] },
  });
  expect(again).toMatchObject({ mails: 2, hold: { inBacklog: 5_201, expiring: 1 } });
});

test('failed mails that match are sent again as new ones, each once, though two workers try', async () => {
  const { scene, ctx, project } = await desk();
  const failed = await finished(scene, 45, 'failed');
  await finished(scene, 3, 'cancelled');
  // The content of one is no longer kept.
  await sqlRows(db.database, 'delete from mailroom.contents where message_id = $1', [failed[7]]);
  const run = await startMessageRun(ctx, { project, kind: 'resend', selection: { filter: {} } });
  expect(run).toMatchObject({ state: 'running', expected: 45 });
  const other = testServices(db.database);
  for (;;) {
    await Promise.all([advanceBulkRuns(services), advanceBulkRuns(other)]);
    if ((await readBulkRun(ctx, { project, run: run.id })).state !== 'running') break;
  }
  expect(await readBulkRun(ctx, { project, run: run.id })).toMatchObject({ done: 44, skipped: 1 });
  const copies = await sqlRows<{ resend_of: string; source: string }>(
    db.database,
    'select resend_of, source from mailroom.messages where project_id = $1 and resend_of is not null',
    [scene.project.id],
  );
  expect(copies).toHaveLength(44);
  expect(new Set(copies.map(({ resend_of }) => resend_of)).size).toBe(44);
  expect(new Set(copies.map(({ source }) => source))).toEqual(new Set(['portal']));
  expect(await countStates(db.database, scene)).toEqual({ failed: 45, cancelled: 3, queued: 44 });
});

test('a double click does it once; what many more match than was said is asked anew', async () => {
  const { scene, ctx, project } = await desk();
  await finished(scene, 4, 'captured');
  await sqlRows(db.database, `update mailroom.recipients set state = 'captured' where project_id = $1`, [
    scene.project.id,
  ]);
  const release = { project, kind: 'release', selection: { filter: {} }, expected: 4 } as const;
  const runs = await Promise.all([startMessageRun(ctx, release), startMessageRun(ctx, release)]);
  expect(runs.reduce((sum, { done }) => sum + done, 0)).toBe(4);
  expect(await countStates(db.database, scene)).toEqual({ queued: 4 });
  await retrying(scene, 60);
  await expect(
    startMessageRun(ctx, { project, kind: 'try_now', selection: { filter: {} }, expected: 10 }),
  ).rejects.toMatchObject({ code: 'conflict', data: { expected: 10 } });
});

test('chosen ids of another project or tenant are skipped, roles and archive are obeyed', async () => {
  const { scene, ctx, project } = await desk();
  const foreign = await desk();
  const theirs = await retrying(foreign.scene, 2);
  const own = await retrying(scene, 1);
  const run = await startMessageRun(ctx, {
    project,
    kind: 'cancel',
    selection: { ids: [...own, ...theirs] },
  });
  expect(run).toMatchObject({ done: 1, skipped: 2 });
  expect(
    await startMessageRun(ctx, { project, kind: 'hold', selection: { ids: [...theirs] } }),
  ).toMatchObject({ done: 0, skipped: 2 });
  expect(await countStates(db.database, foreign.scene)).toEqual({ retrying: 2 });
  await expect(
    startMessageRun(foreign.ctx, { project: scene.project.id, kind: 'cancel', selection: { filter: {} } }),
  ).rejects.toMatchObject({ code: 'not_found' });
  await expect(stopBulkRun(foreign.ctx, { run: run.id })).rejects.toMatchObject({ code: 'not_found' });
  const viewer = {
    ...ctx,
    actor: userActor(await makeMember(db.database, scene.organization, 'viewer'), 'viewer'),
  };
  for (const kind of ['try_now', 'cancel', 'hold', 'release', 'resend', 'mark_sent', 'send_again'] as const) {
    await expect(startMessageRun(viewer, { project, kind, selection: { filter: {} } })).rejects.toMatchObject(
      { code: 'forbidden' },
    );
  }
  const [left = ''] = await retrying(scene, 1);
  expect((await getMessage(ctx, { project, id: left })).may).toMatchObject({ tryNow: true, hold: true });
  await archiveProject(ctx, { project });
  // Nothing is offered that would be refused.
  expect((await getMessage(ctx, { project, id: left })).may).toMatchObject({ tryNow: false, hold: false });
  await expect(
    startMessageRun(ctx, { project, kind: 'cancel', selection: { filter: {} } }),
  ).rejects.toMatchObject({ code: 'archived' });
});

test('a run is stopped behind its chunk, and one whose project is archived does no more', async () => {
  const { scene, ctx, project } = await desk();
  await retrying(scene, 300);
  const run = await startMessageRun(ctx, { project, kind: 'try_now', selection: { filter: {} } });
  expect(await stopBulkRun(ctx, { run: run.id })).toMatchObject({ state: 'stopped', done: 0 });
  await advanceBulkRuns(services);
  expect(await dueNow(scene)).toBe(0);
  const second = await startMessageRun(ctx, { project, kind: 'try_now', selection: { filter: {} } });
  await archiveProject(ctx, { project });
  expect(await untilDone(ctx, project, second.id)).toMatchObject({ state: 'done', done: 0, skipped: 300 });
});

test('ticked ones are counted as they stand; mail for later goes early only where somebody asked for queued mail', async () => {
  const { scene, ctx, project } = await desk();
  const expired = await finished(scene, 2, 'expired');
  const counted = { project, kind: 'resend' as const, selection: { ids: [...expired] } };
  expect((await previewMessageRun(ctx, counted)).mails).toBe(2);
  const [later] = await queueMails(db.database, scene, 2);
  await sqlRows(
    db.database,
    `update mailroom.messages set send_at = mailroom.now() + interval '1 day' where id = $1`,
    [later],
  );
  const matching = (state: ('queued' | 'retrying')[]) =>
    previewMessageRun(ctx, { project, kind: 'try_now', selection: { filter: { state } } });
  expect((await matching([])).mails).toBe(0);
  expect((await matching(['queued'])).mails).toBe(1);
});

test('a filter of other states alone means none', async () => {
  const { scene, ctx, project } = await desk();
  await finished(scene, 2, 'sent');
  const selection = { filter: { state: ['sent' as const] } };
  for (const kind of ['try_now', 'cancel', 'resend', 'mark_failed'] as const) {
    expect((await previewMessageRun(ctx, { project, kind, selection })).mails).toBe(0);
    expect(await startMessageRun(ctx, { project, kind: 'cancel', selection })).toMatchObject({ done: 0 });
  }
  const { messages } = await listMessages(ctx, { project });
  expect(messages.map(({ state }) => state)).toEqual(['sent', 'sent']);
});

test('a stranger of the organization cannot even preview', async () => {
  const { project } = await desk();
  const stranger = contextOf(services, await makeOrganization(db.database));
  await expect(
    previewMessageRun(stranger, { project, kind: 'cancel', selection: { filter: {} } }),
  ).rejects.toMatchObject({ code: 'not_found' });
});
