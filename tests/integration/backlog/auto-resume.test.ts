import { beforeAll, expect, test } from 'vitest';
import { autoResumeDue } from '#lib/backlog/auto-resume-due.ts';
import { foldHeldCounts } from '#lib/backlog/fold-held-counts.ts';
import { readAutoResume } from '#lib/backlog/read-auto-resume.ts';
import { readHeldTotals } from '#lib/backlog/read-held-totals.ts';
import type { Context, Services } from '#lib/context.ts';
import { saveAutoResume } from '#lib/limits/save-auto-resume.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { atInstant } from '#tests/integration/limits/clock.ts';
import { setLimit as limitTo, useUp } from '#tests/integration/limits/limit-scene.ts';
import { makeScene, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { holdMails, ownerRows, statesOf } from './backlog-scene.ts';

let db: TestDatabase;
let services: Services;

beforeAll(async () => {
  db = await createTestDatabase();
  services = testServices(db.database);
});

interface Desk {
  readonly scene: Scene;
  readonly ctx: Context;
  readonly project: string;
}

async function desk(organization?: Scene['organization']): Promise<Desk> {
  const scene = await makeScene(db.database, { port: 9 }, organization);
  return { scene, ctx: contextOf(services, scene.organization), project: scene.project.slug };
}

interface Numbers {
  readonly mailsPerDay?: number | null;
  readonly recipientsPerMail?: number | null;
  readonly highReserve?: number;
}

async function setLimit(ctx: Context, after: Numbers, scope = 'smtp'): Promise<void> {
  const [before] = await ownerRows<{ a: number | null; b: number | null; c: number }>(
    db.database,
    `select mails_per_day as a, recipients_per_mail as b, high_reserve as c from mailroom.limit_scopes
     where organization_id = $1 and (protocol = $2 or project_id::text = $2)`,
    [ctx.organizationId, scope],
  );
  await saveLimit(ctx, {
    scope: scope === 'smtp' ? scope : `project:${scope}`,
    ...after,
    expected: {
      mailsPerDay: before?.a ?? null,
      recipientsPerMail: before?.b ?? null,
      highReserve: before?.c ?? 0,
    },
  });
}

/** So many mails have been started in this minute. */
async function use({ ctx, scene }: Desk, mails: number): Promise<void> {
  await db.database.pool.query(
    `insert into mailroom.limit_usage (scope_id, minute, slot, organization_id, mails)
     select id, date_trunc('minute', mailroom.now()), 0, organization_id, $3 from mailroom.limit_scopes
     where organization_id = $1 and (protocol = 'smtp' or project_id = $2)
     on conflict (scope_id, minute, slot) do update set mails = mailroom.limit_usage.mails + excluded.mails`,
    [ctx.organizationId, scene.project.id, mails],
  );
}

/** What is queued counts as started, as after a drain. */
async function startQueued(each: Desk): Promise<void> {
  const [row] = await ownerRows<{ mails: number }>(
    db.database,
    `with gone as (delete from mailroom.queue_entries where project_id = $1 returning 1)
     select count(*)::int as mails from gone`,
    [each.scene.project.id],
  );
  await use(each, row?.mails ?? 0);
}

async function pending({ ctx, project }: Desk): Promise<number> {
  return (await readHeldTotals(ctx, { project })).byReason.day_limit;
}

function tick({ ctx, project }: Desk, threshold: number | null = null): Promise<unknown> {
  return saveAutoResume(ctx, { project, autoResume: true, threshold });
}

test('ticked, then raised: what fits goes, oldest first, and the rest waits (PRODUCT 5.6)', async () => {
  const each = await desk();
  await setLimit(each.ctx, { mailsPerDay: 100 });
  await use(each, 100);
  const ids = await holdMails(db.database, each.scene, 30);
  await tick(each);
  expect(await autoResumeDue(services)).toBe(0);
  await setLimit(each.ctx, { mailsPerDay: 112 });
  expect(await autoResumeDue(services)).toBe(12);
  const states = await statesOf(db.database, ids);
  expect(states.slice(0, 12).every(({ in_queue }) => in_queue)).toBe(true);
  expect(states.slice(12).every(({ held_state }) => held_state === 'backlog')).toBe(true);
  // What was let go is not counted yet, and still nothing more goes.
  expect(await autoResumeDue(services)).toBe(0);
  await startQueued(each);
  expect(await autoResumeDue(services)).toBe(0);
  const audit = await ownerRows(
    db.database,
    `select actor_kind, actor_label, detail from mailroom.audit_entries
     where project_id = $1 and action = 'backlog.auto_resumed'`,
    [each.scene.project.id],
  );
  expect(audit).toEqual([
    {
      actor_kind: 'system',
      actor_label: 'Mailroom',
      detail: { mails: 12, of: 30, why: 'raise', threshold: null },
    },
  ]);
});

test('raised, then ticked: the same', async () => {
  const each = await desk();
  await setLimit(each.ctx, { mailsPerDay: 100 });
  await use(each, 100);
  await holdMails(db.database, each.scene, 30);
  await setLimit(each.ctx, { mailsPerDay: 112 });
  expect(await autoResumeDue(services)).toBe(0);
  // A threshold below what waits does not stop a raise, whenever the box is ticked.
  await tick(each, 5);
  expect(await autoResumeDue(services)).toBe(12);
  expect(await pending(each)).toBe(18);
});

test('a limit that is removed lets all go', async () => {
  const each = await desk();
  await setLimit(each.ctx, { mailsPerDay: 10 });
  await use(each, 10);
  await holdMails(db.database, each.scene, 25);
  await tick(each, 5);
  await setLimit(each.ctx, { mailsPerDay: null });
  expect(await autoResumeDue(services)).toBe(25);
});

test('a raise from before the mails were held is no cause for them', async () => {
  const each = await desk();
  await setLimit(each.ctx, { mailsPerDay: 10 });
  await setLimit(each.ctx, { mailsPerDay: 20 });
  await holdMails(db.database, each.scene, 8);
  await tick(each, 5);
  expect(await autoResumeDue(services)).toBe(0);
  expect(await readAutoResume(each.ctx, { project: each.project })).toMatchObject({
    isOn: true,
    isInherited: false,
    threshold: 5,
    pending: 8,
    blockedBy: 'threshold',
    willRelease: 0,
  });
});

test('pending that falls below the threshold is a cause', async () => {
  const each = await desk();
  await setLimit(each.ctx, { mailsPerDay: 100 });
  const ids = await holdMails(db.database, each.scene, 8);
  await tick(each, 5);
  expect(await autoResumeDue(services)).toBe(0);
  await db.database.pool.query('delete from mailroom.held_messages where message_id = any ($1::uuid[])', [
    ids.slice(0, 4),
  ]);
  expect(await autoResumeDue(services)).toBe(4);
});

test('room is dealt in equal turns over the projects whose box is ticked', async () => {
  const one = await desk();
  const other = await desk(one.scene.organization);
  const off = await desk(one.scene.organization);
  await setLimit(one.ctx, { mailsPerDay: 10 });
  await use(one, 10);
  await holdMails(db.database, one.scene, 40);
  await holdMails(db.database, other.scene, 3);
  await holdMails(db.database, off.scene, 40);
  await saveAutoResume(one.ctx, { project: null, autoResume: true, threshold: null });
  await saveAutoResume(one.ctx, { project: off.project, autoResume: false, threshold: null });
  await setLimit(one.ctx, { mailsPerDay: 21 });
  expect(await autoResumeDue(services)).toBe(11);
  expect([await pending(one), await pending(other), await pending(off)]).toEqual([32, 0, 40]);
});

test("the project's own limit bounds its part, and two workers deal one room once", async () => {
  const one = await desk();
  const other = await desk(one.scene.organization);
  await setLimit(one.ctx, { mailsPerDay: 10 });
  await setLimit(one.ctx, { mailsPerDay: 2 }, one.scene.project.id);
  await holdMails(db.database, one.scene, 20);
  await holdMails(db.database, other.scene, 20);
  await saveAutoResume(one.ctx, { project: null, autoResume: true, threshold: null });
  const released = await Promise.all([
    autoResumeDue(services),
    autoResumeDue(services),
    autoResumeDue(services),
  ]);
  expect(released.reduce((sum, count) => sum + count, 0)).toBe(10);
  expect([await pending(one), await pending(other)]).toEqual([18, 12]);
});

test('a paused project is let alone until it sends again', async () => {
  const each = await desk();
  await holdMails(db.database, each.scene, 4);
  await tick(each);
  await pauseSending(each.ctx, { project: each.project });
  expect(await autoResumeDue(services)).toBe(0);
  expect(await readAutoResume(each.ctx, { project: each.project })).toMatchObject({ blockedBy: 'paused' });
});

test('where only the reserve has room, mails of high priority go alone', async () => {
  const each = await desk();
  await setLimit(each.ctx, { mailsPerDay: 20, highReserve: 5 });
  await use(each, 15);
  await holdMails(db.database, each.scene, 10);
  const high = await holdMails(db.database, each.scene, 8, { priority: 0 });
  await tick(each);
  expect(await autoResumeDue(services)).toBe(5);
  expect((await statesOf(db.database, high)).filter(({ in_queue }) => in_queue)).toHaveLength(5);
});

function recipients(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `someone${at}@example.test`);
}

test('a higher recipients limit lets the mails go that fit it, whatever the box says', async () => {
  const each = await desk();
  await setLimit(each.ctx, { recipientsPerMail: 2 });
  const three = await holdMails(db.database, each.scene, 3, {
    reason: 'recipients_limit',
    recipients: recipients(3),
  });
  const six = await holdMails(db.database, each.scene, 2, {
    reason: 'recipients_limit',
    recipients: recipients(6),
  });
  expect(await autoResumeDue(services)).toBe(0);
  await setLimit(each.ctx, { recipientsPerMail: 4 });
  expect(await autoResumeDue(services)).toBe(3);
  expect((await statesOf(db.database, three)).every(({ in_queue }) => in_queue)).toBe(true);
  await setLimit(each.ctx, { recipientsPerMail: null });
  expect(await autoResumeDue(services)).toBe(2);
  expect((await statesOf(db.database, six)).every(({ in_queue }) => in_queue)).toBe(true);
});

test('a higher recipients limit is no cause for what the limit of the day holds', async () => {
  const each = await desk();
  await setLimit(each.ctx, { mailsPerDay: 100, recipientsPerMail: 2 });
  await holdMails(db.database, each.scene, 10);
  await tick(each, 5);
  await setLimit(each.ctx, { mailsPerDay: 100, recipientsPerMail: 4 });
  expect(await autoResumeDue(services)).toBe(0);
  await setLimit(each.ctx, { mailsPerDay: 101, recipientsPerMail: 4 });
  expect(await autoResumeDue(services)).toBe(10);
});

test('after a change of protocol, what limits held is decided again; a person keeps what he held (PRODUCT 4.4)', async () => {
  const each = await desk();
  await holdMails(db.database, each.scene, 3);
  await holdMails(db.database, each.scene, 2, { reason: 'recipients_limit' });
  const byHand = await holdMails(db.database, each.scene, 2, { reason: 'by_hand' });
  const flood = await holdMails(db.database, each.scene, 2, { reason: 'flood' });
  await db.database.pool.query('update mailroom.projects set redecides_held = true where id = $1', [
    each.scene.project.id,
  ]);
  expect(await autoResumeDue(services)).toBe(5);
  expect(await autoResumeDue(services)).toBe(0);
  const kept = await statesOf(db.database, [...byHand, ...flood]);
  expect(kept.every(({ held_state }) => held_state === 'backlog')).toBe(true);
  expect(
    await ownerRows(db.database, 'select redecides_held from mailroom.projects where id = $1', [
      each.scene.project.id,
    ]),
  ).toEqual([{ redecides_held: false }]);
});

test('how many wait by the end of the day follows the last days at the pace of today (PRODUCT 5.6)', async () => {
  const { scene, ctx, project } = await desk();
  const clock = atInstant(db.connectionString, '2027-05-05T12:00:00Z');
  const atNoon = { ...ctx, database: clock };
  const pendingByEnd = async () => (await readAutoResume(atNoon, { project })).pendingByEnd;
  const { organization } = scene;
  await limitTo(clock, { organization, protocol: 'smtp' }, { mailsPerDay: 30 });
  await useUp(clock, { organization, protocol: 'smtp' }, { mails: 30 });
  await holdMails(db.database, scene, 5);
  // Nothing is known of the last days.
  expect(await pendingByEnd()).toBeNull();
  const own = { organization, project: scene.project };
  const day = 24 * 60;
  await useUp(clock, own, { mails: 10, minutesAgo: day + 120 });
  await useUp(clock, own, { mails: 12, held: 4, minutesAgo: day - 120 });
  expect(await pendingByEnd()).toBe(5 + 4);
  await useUp(clock, own, { mails: 15, held: 5, minutesAgo: 120 });
  expect(await pendingByEnd()).toBe(5 + 32);
  // With room left nobody knows whose mails use it.
  await limitTo(clock, { organization, protocol: 'smtp' }, { mailsPerDay: 40 });
  expect(await pendingByEnd()).toBeNull();
});

test('folding the counts changes no sum', async () => {
  const each = await desk();
  for (let hold = 0; hold < 12; hold += 1) await holdMails(db.database, each.scene, 2);
  await tick(each);
  await autoResumeDue(services);
  const one = await holdMails(db.database, each.scene, 3, { reason: 'flood' });
  const before = await readHeldTotals(each.ctx, { project: each.project });
  expect(await foldHeldCounts(services)).toBeGreaterThan(10);
  expect(await readHeldTotals(each.ctx, { project: each.project })).toEqual(before);
  expect(before).toMatchObject({ backlog: one.length, byReason: { flood: 3, day_limit: 0 } });
  const rows = await ownerRows(db.database, 'select mails from mailroom.held_counts where project_id = $1', [
    each.scene.project.id,
  ]);
  expect(rows).toEqual([{ mails: 3 }]);
});
