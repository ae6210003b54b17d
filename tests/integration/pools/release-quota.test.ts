import { beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import { holdForQuota } from '#lib/pools/hold-for-quota.ts';
import { releaseQuota } from '#lib/pools/release-quota.ts';
import { detachProject } from '#lib/pools/detach-project.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { countStates, makeScene, queueMails, type Scene } from '../queue/queue-scene.ts';
import { makePool } from './pool-scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
let one: Scene;
let other: Scene;
let poolId: string;

beforeAll(async () => {
  one = await makeScene(database, { port: 25 });
  other = await makeScene(database, { port: 25 }, one.organization);
  poolId = await makePool(database, [one, other], { recipientsPerDay: 10 });
});

async function run(text: string, values: readonly unknown[]): Promise<void> {
  await asOwner(database, (tx) => tx.query(text, values));
}

async function holdAll(scene: Scene, count: number): Promise<readonly string[]> {
  const ids = await queueMails(database, scene, count, { recipients: ['a@x.test', 'b@x.test'] });
  expect(
    await holdForQuota(database, { projectId: scene.project.id, ids: [], allDue: true, underWay: [] }),
  ).toBe(count);
  return ids;
}

const tick = 'update mailroom.projects set auto_resume = $2, auto_resume_threshold = $3 where id = $1';

test('held mail goes back as the quota has room, oldest first and in turn, and no more than fits', async () => {
  const ofOne = await holdAll(one, 4);
  const ofOther = await holdAll(other, 4);
  await run(
    'insert into mailroom.pool_usage (pool_id, minute, organization_id, recipients) values ($1, mailroom.now(), $2, 5)',
    [poolId, one.organization.id],
  );
  expect(await releaseQuota(services)).toBe(0);
  await run(tick, [one.project.id, true, null]);
  await run(tick, [other.project.id, true, null]);
  expect(await releaseQuota(services)).toBe(2);
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ id: string }>('select message_id as id from mailroom.queue_entries order by message_id'),
  );
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set([ofOne[0], ofOther[0]]));
  const { entries } = await listAuditEntries(contextOf(services, one.organization), { limit: 5 });
  const told = entries.filter(({ action }) => action === 'backlog.auto_resumed');
  expect(told.map(({ detail }) => detail)).toMatchObject([
    { mails: 1, why: 'quota' },
    { mails: 1, why: 'quota' },
  ]);
  // What was let go takes the room until it has left.
  expect(await releaseQuota(services)).toBe(0);
  await run("update mailroom.pool_usage set minute = minute - interval '25 hours'", []);
  expect(await releaseQuota(services)).toBe(3);
});

test('each release is in the history with how many', async () => {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ detail: unknown; object_label: string }>(
      `select detail, object_label from mailroom.audit_entries
       where project_id = $1 and action = 'backlog.auto_resumed' order by id`,
      [one.project.id],
    ),
  );
  expect(rows[0]).toMatchObject({ detail: { mails: 1, why: 'quota' } });
});

test('a mail that no day has room for keeps nobody waiting', async () => {
  const scene = await makeScene(database, { port: 25 });
  await makePool(database, [scene], { recipientsPerDay: 3 });
  await queueMails(database, scene, 1, { recipients: ['a@x.test', 'b@x.test', 'c@x.test', 'd@x.test'] });
  await queueMails(database, scene, 1, { recipients: ['delivered@magic.mailroom.test'] });
  await queueMails(database, scene, 1);
  expect(
    await holdForQuota(database, { projectId: scene.project.id, ids: [], allDue: true, underWay: [] }),
  ).toBe(2);
  await run('delete from mailroom.queue_entries where project_id = $1', [scene.project.id]);
  await run(tick, [scene.project.id, true, null]);
  expect(await releaseQuota(services)).toBe(1);
  expect(await releaseQuota(services)).toBe(0);
});

test('a project with as many waiting as its threshold is left to a person', async () => {
  await run('delete from mailroom.queue_entries', []);
  await run(tick, [one.project.id, true, 1]);
  await run(tick, [other.project.id, false, null]);
  expect(await releaseQuota(services)).toBe(0);
  await run(tick, [one.project.id, true, 50]);
  expect(await releaseQuota(services)).toBeGreaterThan(0);
});

test('a project that left its pool waits for nothing', async () => {
  await run(tick, [other.project.id, true, null]);
  await run(tick, [one.project.id, false, null]);
  await run('update mailroom.pools set recipients_per_day = 1 where id = $1', [poolId]);
  await detachProject(contextOf(services, one.organization), { project: other.project.id });
  await releaseQuota(services);
  expect(await countStates(database, other)).not.toHaveProperty('backlog');
});

test('mails under way keep their permits, marked or not yet, while all others that are due are held', async () => {
  const scene = await makeScene(database, { port: 25 }, one.organization);
  const [underWay = '', ...others] = await queueMails(database, scene, 3);
  const asked = { projectId: scene.project.id, ids: others.slice(0, 1), allDue: true };
  expect(await holdForQuota(database, { ...asked, underWay: [underWay] })).toBe(2);
  expect(await countStates(database, scene)).toEqual({ queued: 1, backlog: 2 });
});
