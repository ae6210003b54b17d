import { beforeAll, expect, test } from 'vitest';
import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import { listBulkRuns, readBulkRun } from '#lib/backlog/list-bulk-runs.ts';
import { listHeld } from '#lib/backlog/list-held.ts';
import { readHeldTotals } from '#lib/backlog/read-held-totals.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import { stopBulkRun } from '#lib/backlog/stop-bulk-run.ts';
import { undoSuspend } from '#lib/backlog/undo-suspend.ts';
import type { Context, Services } from '#lib/context.ts';
import { cancelMessages } from '#lib/messages/cancel-messages.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { archiveProject } from '#lib/organizations/archive-project.ts';
import { makeScene, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { holdMails, ownerRows, statesOf } from './backlog-scene.ts';

let db: TestDatabase;
let services: Services;

beforeAll(async () => {
  db = await createTestDatabase();
  services = testServices(db.database);
});

async function desk(): Promise<{ scene: Scene; ctx: Context; project: string }> {
  const scene = await makeScene(db.database, { port: 9 });
  return { scene, ctx: contextOf(services, scene.organization), project: scene.project.slug };
}

async function untilDone(ctx: Context, project: string, run: string) {
  for (;;) {
    await advanceBulkRuns(services);
    const view = await readBulkRun(ctx, { project, run });
    if (view.state !== 'running') return view;
  }
}

function auditOf(ctx: Context): Promise<readonly { action: string; detail: Record<string, unknown> }[]> {
  return ownerRows(
    db.database,
    'select action, detail from mailroom.audit_entries where organization_id = $1 order by id',
    [ctx.organizationId],
  );
}

test('a few chosen mails are resumed at once, with what they had and what they may pass (PRODUCT 5.5)', async () => {
  const { scene, ctx, project } = await desk();
  const ids = await holdMails(db.database, scene, 3);
  const left = await holdMails(db.database, scene, 1);
  const run = await startBulkRun(ctx, {
    project,
    kind: 'resume',
    selection: { ids: [...ids] },
    overrides: { dayLimit: true, recipientsLimit: false },
  });
  expect(run).toMatchObject({ state: 'done', expected: 3, done: 3, skipped: 0, filter: null });
  expect(await statesOf(db.database, ids)).toEqual(
    ids.map(() => ({ state: 'queued', state_reason: null, in_queue: true, held_state: null, overrides: 1 })),
  );
  expect(await statesOf(db.database, left)).toMatchObject([{ state: 'backlog', state_reason: 'day_limit' }]);
  const detail = await getMessage(ctx, { project, id: ids[0] ?? '' });
  expect(detail.events.map(({ kind, actor }) => [kind, actor])).toEqual([
    ['held', 'Mailroom'],
    ['resumed', 'test'],
  ]);
  expect(await auditOf(ctx)).toMatchObject([
    { action: 'backlog.resumed', detail: { mails: 3, skipped: 0, chosen: 3, passes: { dayLimit: true } } },
  ]);
  expect(await readHeldTotals(ctx, { project })).toMatchObject({ backlog: 1, byReason: { day_limit: 1 } });
});

test('all that match a filter but some are resumed in the background, and the rest stays', async () => {
  const { scene, ctx, project } = await desk();
  const many = await holdMails(db.database, scene, 5_000);
  const flood = await holdMails(db.database, scene, 10, { reason: 'flood' });
  const except = many.slice(0, 2);
  const begun = await startBulkRun(ctx, {
    project,
    kind: 'resume',
    selection: { filter: { reason: ['day_limit'] }, except: [...except] },
    expected: 4_998,
  });
  expect(begun).toMatchObject({ state: 'running', expected: 4_998, done: 0 });
  // One of them goes its own way meanwhile.
  expect(await cancelMessages(ctx, { project, ids: [many[2_500] ?? ''] })).toEqual({ done: 1, skipped: 0 });
  const ended = await untilDone(ctx, project, begun.id);
  expect(ended).toMatchObject({ state: 'done', done: 4_997, skipped: 1, undoUntil: null });
  expect(await readHeldTotals(ctx, { project })).toMatchObject({
    backlog: 12,
    byReason: { flood: 10, day_limit: 2 },
  });
  expect(await statesOf(db.database, flood)).toEqual(
    flood.map(() => expect.objectContaining({ state: 'backlog' })),
  );
  const resumed = await ownerRows(
    db.database,
    `select m.id from mailroom.messages m
     cross join lateral unnest(m.shared_event_ids) as shared (id) join mailroom.shared_events e on e.id = shared.id
     where m.project_id = $1 and e.kind = 'resumed' group by 1 having count(*) <> 1`,
    [scene.project.id],
  );
  expect(resumed).toEqual([]);
  const entries = await auditOf(ctx);
  expect(entries.filter(({ action }) => action === 'backlog.resumed')).toMatchObject([
    { detail: { mails: 4_998, filter: { reason: ['day_limit'] }, except: 2 } },
  ]);
  expect(entries.filter(({ action }) => action === 'backlog.run_finished')).toMatchObject([
    { detail: { kind: 'resume', mails: 4_997, skipped: 1, startedBy: expect.any(String) } },
  ]);
});

test('what is held after the confirmation is not meant, and many more are refused', async () => {
  const { scene, ctx, project } = await desk();
  await holdMails(db.database, scene, 3);
  const { now } = await listHeld(ctx, { project });
  const later = await holdMails(db.database, scene, 60);
  const filter = { reason: ['day_limit' as const] };
  await expect(
    startBulkRun(ctx, { project, kind: 'resume', selection: { filter }, expected: 3 }),
  ).rejects.toMatchObject({ code: 'conflict', data: { expected: 3, found: 63 } });
  const run = await startBulkRun(ctx, {
    project,
    kind: 'resume',
    selection: { filter },
    asOf: now,
    expected: 3,
  });
  expect(run.done).toBeLessThanOrEqual(3);
  expect(await statesOf(db.database, later)).toEqual(
    later.map(() => expect.objectContaining({ state: 'backlog' })),
  );
});

test('a suspend is taken back with reason and time of the hold, for ten seconds', async () => {
  const { scene, ctx, project } = await desk();
  const ids = await holdMails(db.database, scene, 300, { reason: 'flood' });
  const before = await ownerRows(
    db.database,
    'select message_id, reason, held_at, due_at from mailroom.held_messages where project_id = $1 order by 1',
    [scene.project.id],
  );
  const begun = await startBulkRun(ctx, { project, kind: 'suspend', selection: { ids: [...ids] } });
  const run = await untilDone(ctx, project, begun.id);
  expect(run).toMatchObject({ state: 'done', done: 300 });
  expect(run.undoUntil).not.toBeNull();
  expect(await readHeldTotals(ctx, { project })).toMatchObject({ backlog: 0, suspended: 300 });
  const undone = await undoSuspend(ctx, { run: run.id });
  await untilDone(ctx, project, undone.id);
  const after = await ownerRows(
    db.database,
    'select message_id, reason, held_at, due_at from mailroom.held_messages where project_id = $1 order by 1',
    [scene.project.id],
  );
  expect(after).toEqual(before);
  expect(await readHeldTotals(ctx, { project })).toMatchObject({ backlog: 300, suspended: 0 });

  const again = await startBulkRun(ctx, { project, kind: 'suspend', selection: { ids: ids.slice(0, 2) } });
  await db.database.pool.query(
    `update mailroom.bulk_runs set finished_at = finished_at - interval '16 seconds' where id = $1`,
    [again.id],
  );
  await expect(undoSuspend(ctx, { run: again.id })).rejects.toMatchObject({ code: 'expired' });
});

test('suspended mails go back to the backlog as held by hand, so that auto resume leaves them', async () => {
  const { scene, ctx, project } = await desk();
  const ids = await holdMails(db.database, scene, 2);
  await startBulkRun(ctx, { project, kind: 'suspend', selection: { ids: [...ids] } });
  expect(await startBulkRun(ctx, { project, kind: 'resume', selection: { ids: [...ids] } })).toMatchObject({
    done: 0,
    skipped: 2,
  });
  await startBulkRun(ctx, { project, kind: 'return', selection: { filter: {} } });
  expect(await statesOf(db.database, ids)).toEqual(
    ids.map(() =>
      expect.objectContaining({ state: 'backlog', state_reason: 'by_hand', held_state: 'backlog' }),
    ),
  );
  const { items } = await listHeld(ctx, { project, state: 'suspended' });
  expect(items).toEqual([]);
});

test('a paced run moves so many a minute, and stops where a person stops it', async () => {
  const { scene, ctx, project } = await desk();
  await holdMails(db.database, scene, 50);
  const begun = await startBulkRun(ctx, {
    project,
    kind: 'resume',
    selection: { filter: {} },
    pacePerMinute: 60,
  });
  await advanceBulkRuns(services);
  await advanceBulkRuns(services);
  // Five seconds' worth, and no more until they are over.
  expect(await readBulkRun(ctx, { project, run: begun.id })).toMatchObject({
    done: 5,
    state: 'running',
    secondsLeft: 45,
  });
  await db.database.pool.query(
    `update mailroom.bulk_runs set next_chunk_at = next_chunk_at - interval '5 seconds'`,
  );
  await advanceBulkRuns(services);
  expect(await stopBulkRun(ctx, { run: begun.id })).toMatchObject({
    state: 'stopped',
    done: 10,
    stoppedBy: 'test',
  });
  await db.database.pool.query(
    `update mailroom.bulk_runs set next_chunk_at = next_chunk_at - interval '1 minute'`,
  );
  await advanceBulkRuns(services);
  expect(await readHeldTotals(ctx, { project })).toMatchObject({ backlog: 40 });
  expect((await auditOf(ctx)).map(({ action }) => action)).toEqual([
    'backlog.resumed',
    'backlog.run_stopped',
  ]);
});

test('one run over the organization reaches the projects of whoever began it, and no other', async () => {
  const { scene, ctx } = await desk();
  const other = await makeScene(db.database, { port: 9 }, scene.organization);
  const hidden = await makeScene(db.database, { port: 9 }, scene.organization);
  for (const each of [scene, other, hidden]) await holdMails(db.database, each, 150);
  const member = await makeMember(db.database, scene.organization, 'operator', {
    projectIds: [scene.project.id, other.project.id],
  });
  const narrow = {
    ...ctx,
    actor: userActor(member, 'operator', [scene.project.id, other.project.id]),
  };
  const begun = await startBulkRun(narrow, { project: null, kind: 'resume', selection: { filter: {} } });
  expect(begun).toMatchObject({ expected: 300, state: 'running', project: null });
  while ((await advanceBulkRuns(services)) > 0);
  expect(await readHeldTotals(ctx, { project: null })).toMatchObject({ backlog: 150 });
  expect(await listBulkRuns(ctx, { project: null })).toMatchObject([
    { done: 300, skipped: 0, state: 'done' },
  ]);
});

test('who moved mail of all his projects may take it back; who sees fewer of them may not', async () => {
  const { scene, ctx } = await desk();
  const other = await makeScene(db.database, { port: 9 }, scene.organization);
  for (const each of [scene, other]) await holdMails(db.database, each, 2);
  const both = [scene.project.id, other.project.id];
  const member = await makeMember(db.database, scene.organization, 'operator', { projectIds: both });
  const narrow = { ...ctx, actor: userActor(member, 'operator', both) };
  const narrower = { ...ctx, actor: userActor(member, 'operator', both.slice(0, 1)) };
  const { id: run, ...begun } = await startBulkRun(narrow, {
    project: null,
    kind: 'suspend',
    selection: { filter: {} },
  });
  expect(begun.done).toBe(4);
  expect(Date.parse(begun.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(begun.startedAt));
  expect(await listBulkRuns(narrow, { project: null, active: true })).toMatchObject([{ id: run }]);
  expect(await listBulkRuns(narrower, { project: null })).toEqual([]);
  await expect(undoSuspend(narrower, { run })).rejects.toMatchObject({ code: 'forbidden' });
  expect(await undoSuspend(narrow, { run })).toMatchObject({ done: 4, state: 'done' });
  await expect(undoSuspend(narrow, { run })).rejects.toMatchObject({ code: 'wrong_state' });
});

test('what a project holds that is archived in mid-run stays as it is (PRODUCT 4.4)', async () => {
  const { scene, ctx } = await desk();
  const other = await makeScene(db.database, { port: 9 }, scene.organization);
  const ids = await holdMails(db.database, scene, 150);
  const gone = await holdMails(db.database, other, 150);
  const every = await startBulkRun(ctx, { project: null, kind: 'resume', selection: { filter: {} } });
  const named = await startBulkRun(ctx, {
    project: null,
    kind: 'suspend',
    selection: { ids: [...ids, ...gone] },
  });
  await archiveProject(ctx, { project: other.project.id });
  while ((await advanceBulkRuns(services)) > 0);
  expect(await readHeldTotals(ctx, { project: other.project.id })).toMatchObject({
    backlog: 150,
    suspended: 0,
  });
  const runs = await listBulkRuns(ctx, { project: null });
  expect(runs.map(({ id }) => id).toSorted()).toEqual([every.id, named.id].toSorted());
  expect(runs.reduce((sum, { done }) => sum + done, 0)).toBe(150);
  expect(
    runs.every(({ state, done, skipped, expected }) => state === 'done' && done + skipped === expected),
  ).toBe(true);
});

test('a time that no database knows is refused by its name', async () => {
  const { ctx, project } = await desk();
  for (const asOf of ['1', 'Sat Nov 21 2026 (foo)', '+275760-09-13T00:00:00Z']) {
    await expect(
      Promise.resolve().then(() =>
        startBulkRun(ctx, { project, kind: 'suspend', selection: { filter: {} }, asOf }),
      ),
    ).rejects.toMatchObject({ code: 'invalid_input', issues: [{ field: 'asOf' }] });
  }
});

test('two workers on one run move each mail once', async () => {
  const { scene, ctx, project } = await desk();
  const ids = await holdMails(db.database, scene, 6_000);
  const begun = await startBulkRun(ctx, { project, kind: 'resume', selection: { filter: {} } });
  await Promise.all([advanceBulkRuns(services), advanceBulkRuns(services), advanceBulkRuns(services)]);
  const run = await untilDone(ctx, project, begun.id);
  expect(run).toMatchObject({ done: 6_000, skipped: 0 });
  const states = await statesOf(db.database, ids);
  expect(states.every(({ in_queue, held_state }) => in_queue && held_state === null)).toBe(true);
});

test('whoever may not act on the backlog is refused, and another tenant sees nothing of it', async () => {
  const { scene, ctx, project } = await desk();
  const ids = await holdMails(db.database, scene, 2);
  const run = await startBulkRun(ctx, { project, kind: 'suspend', selection: { ids: ids.slice(0, 1) } });
  for (const role of ['auditor', 'viewer'] as const) {
    const member = await makeMember(db.database, scene.organization, role);
    const reader = { ...ctx, actor: userActor(member, role) };
    const refused = { code: 'forbidden' };
    await expect(
      startBulkRun(reader, { project, kind: 'resume', selection: { ids: [...ids] } }),
    ).rejects.toMatchObject(refused);
    await expect(undoSuspend(reader, { run: run.id })).rejects.toMatchObject(refused);
    await expect(stopBulkRun(reader, { run: run.id })).rejects.toMatchObject(refused);
    expect((await listHeld(reader, { project })).items).toHaveLength(1);
  }
  const stranger = contextOf(services, await makeOrganization(db.database));
  const hidden = { code: 'not_found' };
  await expect(listHeld(stranger, { project: scene.project.id })).rejects.toMatchObject(hidden);
  await expect(undoSuspend(stranger, { run: run.id })).rejects.toMatchObject(hidden);
  await expect(
    startBulkRun(stranger, { project: scene.project.id, kind: 'resume', selection: { ids: [...ids] } }),
  ).rejects.toMatchObject(hidden);
  expect((await statesOf(db.database, ids.slice(1)))[0]).toMatchObject({ state: 'backlog' });
});
