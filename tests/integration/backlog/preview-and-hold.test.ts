import { beforeAll, expect, test } from 'vitest';
import { holdByHand } from '#lib/backlog/hold-by-hand.ts';
import { previewResume } from '#lib/backlog/preview-resume.ts';
import { readHeldTotals } from '#lib/backlog/read-held-totals.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import type { Context, Services } from '#lib/context.ts';
import { cancelMessages } from '#lib/messages/cancel-messages.ts';
import { tryMessagesNow } from '#lib/messages/try-messages-now.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { makeScene, queueMails, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, makeMember, testServices, userActor } from '#tests/support/factories.ts';
import { newId } from '#lib/ids.ts';
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

test('the preview says by how much a resume passes which limits, and what waits on (PRODUCT 5.5)', async () => {
  const { scene, ctx, project } = await desk();
  await db.database.pool.query(
    `with s as (
       update mailroom.limit_scopes set mails_per_day = case when protocol is null then 70 else 200 end,
         recipients_per_mail = 2 where organization_id = $1 and (protocol = 'smtp' or project_id = $2) returning *
     )
     insert into mailroom.limit_usage (scope_id, minute, slot, organization_id, mails)
     select id, date_trunc('minute', mailroom.now()), 0, organization_id, 60 from s`,
    [scene.organization.id, scene.project.id],
  );
  await holdMails(db.database, scene, 20);
  const recipients = ['a@example.test', 'b@example.test', 'c@example.test'];
  await holdMails(db.database, scene, 4, { reason: 'recipients_limit', recipients });
  const counted = await holdMails(db.database, scene, 1, { reason: 'by_hand' });
  await db.database.pool.query(
    'update mailroom.held_messages set counted_at = mailroom.now() where message_id = $1',
    [counted[0]],
  );
  await pauseSending(ctx, { project });
  const preview = await previewResume(ctx, { project, selection: { filter: {} }, pacePerMinute: 10 });
  expect(preview).toMatchObject({
    mails: 25,
    recipients: 33,
    byReason: { day_limit: 20, recipients_limit: 4, by_hand: 1, quota: 0, flood: 0 },
    limits: [
      {
        scope: `project:${scene.project.id}`,
        limit: 70,
        used: 60,
        mails: 24,
        passedBy: 14,
        heldAgain: 14,
        percent: 20,
      },
      { scope: 'smtp', limit: 200, used: 60, mails: 24, passedBy: 0, heldAgain: 0, percent: 0 },
    ],
    usedToday: 60,
    limit: 70,
    passedBy: 14,
    percent: 20,
    overRecipients: { mails: 4, largest: 3, limit: 2 },
    quotaHeld: 0,
    waiting: [{ mails: 25, reason: 'paused', project: { slug: project } }],
    minutesAtPace: 3,
  });
});

test('what a spent quota holds stays, whoever resumes it; where there is room again it goes', async () => {
  const { scene, ctx, project } = await desk();
  const pool = newId();
  await db.database.pool.query(
    `insert into mailroom.pools (id, organization_id, name, kind, preset, recipients_per_day)
     values ($1, $2, 'Shared', 'mailbox', 'other', 50)`,
    [pool, scene.organization.id],
  );
  await db.database.pool.query('update mailroom.projects set pool_id = $1 where id = $2', [
    pool,
    scene.project.id,
  ]);
  const use = (recipients: number) =>
    db.database.pool.query(
      `insert into mailroom.pool_usage (pool_id, minute, organization_id, recipients)
       values ($1, date_trunc('minute', mailroom.now()), $2, $3)
       on conflict (pool_id, minute) do update set recipients = excluded.recipients`,
      [pool, scene.organization.id, recipients],
    );
  await use(50);
  const quota = await holdMails(db.database, scene, 3, { reason: 'quota' });
  await holdMails(db.database, scene, 2);
  const selection = { filter: {} };
  expect(await previewResume(ctx, { project, selection })).toMatchObject({ mails: 2, quotaHeld: 3 });
  expect(await startBulkRun(ctx, { project, kind: 'resume', selection })).toMatchObject({
    done: 2,
    skipped: 3,
  });
  expect((await statesOf(db.database, quota)).every(({ state }) => state === 'backlog')).toBe(true);
  await use(48);
  expect(await previewResume(ctx, { project, selection })).toMatchObject({ mails: 3, quotaHeld: 0 });
  expect(await startBulkRun(ctx, { project, kind: 'resume', selection })).toMatchObject({
    done: 3,
    skipped: 0,
  });
});

test('queued and retrying mails are held by hand; started ones and those of another project are skipped', async () => {
  const { scene, ctx, project } = await desk();
  const ids = await queueMails(db.database, scene, 6);
  await db.database.pool.query(
    `with r as (update mailroom.messages set state = 'retrying', attempt_count = 1 where id = $1)
     update mailroom.queue_entries set due_at = mailroom.now() + interval '1 hour' where message_id = $1`,
    [ids[0]],
  );
  await db.database.pool.query(
    'update mailroom.queue_entries set attempt_id = $2, attempt_started_at = mailroom.now() where message_id = $1',
    [ids[1], newId()],
  );
  expect(await holdByHand(ctx, { project, ids: ids.slice(0, 2) })).toEqual({ done: 1, skipped: 1 });
  const [foreign = ''] = await queueMails(db.database, (await desk()).scene, 1);
  expect(await holdByHand(ctx, { project, ids: [foreign, ...ids.slice(1)] })).toEqual({
    done: 4,
    skipped: 2,
  });
  expect(await readHeldTotals(ctx, { project })).toMatchObject({ byReason: { by_hand: 5 } });
  expect(await tryMessagesNow(ctx, { project, ids: [ids[2] ?? ''] })).toMatchObject({ done: 0, skipped: 1 });
  expect(await cancelMessages(ctx, { project, ids: [ids[2] ?? ''] })).toEqual({ done: 1, skipped: 0 });
  expect((await statesOf(db.database, ids))[2]).toMatchObject({ state: 'cancelled', held_state: null });
  await startBulkRun(ctx, { project, kind: 'resume', selection: { filter: { reason: ['by_hand'] } } });
  // A mail that was between two tries goes on with them.
  const rows = await ownerRows<{ state: string; on_time: boolean }>(
    db.database,
    `select m.state, q.due_at > mailroom.now() + interval '50 minutes' and m.next_attempt_at = q.due_at as on_time
     from mailroom.messages m join mailroom.queue_entries q on q.message_id = m.id where m.id = $1`,
    [ids[0]],
  );
  expect(rows).toEqual([{ state: 'retrying', on_time: true }]);
  const audit = await ownerRows<{ detail: unknown }>(
    db.database,
    `select detail from mailroom.audit_entries where project_id = $1 and action = 'backlog.held' order by id`,
    [scene.project.id],
  );
  expect(audit.map(({ detail }) => detail)).toMatchObject([
    { mails: 1, skipped: 1, chosen: 2 },
    { mails: 4, skipped: 2, chosen: 6 },
  ]);
});

test('holding and previewing are for those who may act on the backlog', async () => {
  const { scene, ctx, project } = await desk();
  const [id = ''] = await queueMails(db.database, scene, 1);
  const member = await makeMember(db.database, scene.organization, 'viewer');
  const viewer = { ...ctx, actor: userActor(member, 'viewer') };
  await expect(holdByHand(viewer, { project, ids: [id] })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(previewResume(viewer, { project, selection: { filter: {} } })).rejects.toMatchObject({
    code: 'forbidden',
  });
});
