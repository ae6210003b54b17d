import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner, createDatabase } from '#db/client.ts';
import { newId } from '#lib/ids.ts';
import { holdDue, holdOneDue } from '#lib/queue/hold-due.ts';
import { runWorker, type RunningWorker, type WorkerOptions } from '#lib/queue/run-worker.ts';
import { wakeLane } from '#lib/queue/wake-lane.ts';
import { startFastSink, type FastSink } from '#tests/servers/smtp/fast-sink.ts';
import { reply } from '#tests/servers/smtp/hostile-script.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { makeOrganization, testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { limitProject, limitProtocol, statesOf, usageOf } from './limit-scene.ts';
import {
  attemptsOf,
  countStates,
  makeScene,
  queueLength,
  queueMails,
  waitForStates,
  type Scene,
} from './queue-scene.ts';

let db: TestDatabase;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await createTestDatabase({ maxConnections: 30 });
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function sinkFor(onMail?: () => void): Promise<FastSink> {
  const sink = await startFastSink(onMail === undefined ? {} : { onMail });
  endings.push(() => sink.close());
  return sink;
}

async function work(options: WorkerOptions = {}): Promise<RunningWorker> {
  const worker = await runWorker(testServices(db.database), options);
  endings.push(() => worker.stop());
  return worker;
}

interface HeldRow {
  readonly reason: string;
  readonly count: number;
}

async function heldOf({ project }: Scene): Promise<readonly HeldRow[]> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<HeldRow>(
      `select h.reason, count(*)::int as count from mailroom.held_messages h
       join mailroom.messages m on m.id = h.message_id and m.state = 'backlog' and m.state_reason = h.reason
       where h.project_id = $1 group by h.reason order by h.reason`,
      [project.id],
    ),
  );
  return rows;
}

test('no more mails start than the limit of the day allows; the rest is held (PRODUCT 5.3, 5.4)', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await limitProtocol(db.database, scene, { mailsPerDay: 100 });
  await queueMails(db.database, scene, 1500);
  await work();
  await waitForStates(db.database, scene, { sent: 100, backlog: 1400 });
  expect(sink.counts().mails).toBe(100);
  expect(await usageOf(db.database, scene)).toEqual({ mails: 100, passed: 0, high: 0, largest: 1 });
  expect(await heldOf(scene)).toEqual([{ reason: 'day_limit', count: 1400 }]);
  expect(await queueLength(db.database, scene)).toBe(0);
});

test('several workers, projects and lanes share one limit to the mail', async () => {
  const sink = await sinkFor();
  const organization = await makeOrganization(db.database);
  const scenes: Scene[] = [];
  for (let count = 0; count < 8; count += 1) {
    scenes.push(await makeScene(db.database, { port: sink.port }, organization));
  }
  await limitProtocol(db.database, { organization }, { mailsPerDay: 333 });
  for (const scene of scenes) await queueMails(db.database, scene, 150);
  await Promise.all([work(), work(), work(), work()]);
  await waitUntil(
    'everything sent or held',
    async () => {
      const states = await statesOf(db.database, { organization });
      return (states['sent'] ?? 0) + (states['backlog'] ?? 0) === 1200;
    },
    { withinMs: 30_000, everyMs: 50 },
  );
  expect((await statesOf(db.database, { organization }))['sent']).toBe(333);
  expect(sink.counts().mails).toBe(333);
  expect((await usageOf(db.database, { organization })).mails).toBe(333);
});

test('a limit that is lowered in mid-run holds from the next mark on', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await limitProtocol(db.database, scene, { mailsPerDay: 5000 });
  await queueMails(db.database, scene, 3000);
  await work();
  await waitUntil('a part at the sink', () => sink.counts().mails >= 200, { everyMs: 1 });
  await limitProtocol(db.database, scene, { mailsPerDay: 300 });
  const { mails } = await usageOf(db.database, scene);
  await waitUntil('an empty queue', async () => (await queueLength(db.database, scene)) === 0);
  expect((await usageOf(db.database, scene)).mails).toBe(Math.max(mails, 300));
  expect(sink.counts().mails).toBe(Math.max(mails, 300));
});

test('the narrower of protocol and project holds, and a part can be set aside for high priority', async () => {
  const sink = await sinkFor();
  const organization = await makeOrganization(db.database);
  const [narrow, wide] = [
    await makeScene(db.database, { port: sink.port }, organization),
    await makeScene(db.database, { port: sink.port }, organization),
  ];
  await limitProtocol(db.database, { organization }, { mailsPerDay: 50, highReserve: 10 });
  await limitProject(db.database, narrow, { mailsPerDay: 7 });
  await queueMails(db.database, narrow, 20);
  await work();
  await waitForStates(db.database, narrow, { sent: 7, backlog: 13 });
  await queueMails(db.database, wide, 60);
  await waitForStates(db.database, wide, { sent: 33, backlog: 27 });
  await queueMails(db.database, wide, 15, { priority: 0 });
  await waitForStates(db.database, wide, { sent: 43, backlog: 32 });
  expect(await usageOf(db.database, { organization })).toEqual({
    mails: 50,
    passed: 0,
    high: 10,
    largest: 1,
  });
});

test('while the rest of a project is being held, its urgent mail goes', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await limitProtocol(db.database, scene, { mailsPerDay: 50, highReserve: 10 });
  const ids = await queueMails(db.database, scene, 1200);
  const other = await db.database.pool.connect();
  endings.push(async () => other.release(true));
  // The sweep meets a row that is not committed, and waits for it.
  await other.query('begin');
  const { rows } = await other.query<{ pid: number }>('select pg_backend_pid() as pid');
  await other.query(
    `insert into mailroom.held_messages (message_id, organization_id, project_id, state, reason, held_at, priority,
       category, recipient_count, size_bytes, due_at)
     values ($1, $2, $3, 'backlog', 'by_hand', now(), 1, 'orders', 1, 1, now())`,
    [ids[500], scene.organization.id, scene.project.id],
  );
  await work();
  await waitUntil('a sweep that waits', async () => {
    const { rowCount } = await db.database.pool.query(
      'select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))',
      [rows[0]?.pid],
    );
    return rowCount !== 0;
  });
  await queueMails(db.database, scene, 5, { priority: 0 });
  wakeLane(db.database, scene.project.laneId);
  await waitForStates(db.database, scene, { sent: 45, queued: 1160 });
  await other.query('rollback');
  await waitForStates(db.database, scene, { sent: 45, backlog: 1160 });
});

test('a retry is not counted again, and what is counted is not held again', async () => {
  const server = await startHostileServer({ reactions: { rcpt: reply('450 4.2.0 Greylisted') } });
  endings.push(() => server.close());
  const scene = await makeScene(db.database, { port: server.port });
  await limitProtocol(db.database, scene, { mailsPerDay: 3 });
  await queueMails(db.database, scene, 3);
  await work();
  await waitUntil('a second try of each', async () => (await attemptsOf(db.database, scene)).length >= 6, {
    withinMs: 20_000,
  });
  expect(await countStates(db.database, scene)).toEqual({ retrying: 3 });
  expect(await usageOf(db.database, scene)).toMatchObject({ mails: 3, passed: 0 });
});

test('mails that a person let pass go out past the limit, and show as such', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await limitProtocol(db.database, scene, { mailsPerDay: 2 });
  const ids = await queueMails(db.database, scene, 5);
  await asOwner(db.database, (tx) =>
    tx.query('update mailroom.queue_entries set overrides = 1 where message_id = any ($1::uuid[])', [ids]),
  );
  await work();
  await waitForStates(db.database, scene, { sent: 5 });
  expect(await usageOf(db.database, scene)).toMatchObject({ mails: 5, passed: 3 });
});

test('a mail with too many recipients is held, its neighbours go', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await limitProject(db.database, scene, { recipientsPerMail: 2 });
  const recipients = ['a@example.test', 'b@example.test', 'c@example.test'];
  await queueMails(db.database, scene, 1, { recipients });
  await queueMails(db.database, scene, 2, { recipients: recipients.slice(0, 2) });
  await work();
  await waitForStates(db.database, scene, { sent: 2, backlog: 1 });
  expect(await heldOf(scene)).toEqual([{ reason: 'recipients_limit', count: 1 }]);
  expect((await usageOf(db.database, scene)).largest).toBe(3);
});

test('what does not leave uses no limit and is not held by the one of the day (PRODUCT 2.16)', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await limitProtocol(db.database, scene, { mailsPerDay: 2 });
  const apiKeyId = newId();
  await asOwner(db.database, (tx) =>
    tx.query(
      `insert into mailroom.api_keys (id, organization_id, project_id, name, token_hash, last_four, scopes, sending_mode, created_by)
       values ($1, $2, $3, 'k', $4, 'abcd', '{send}', '{"kind":"capture"}', 'test')`,
      [apiKeyId, scene.organization.id, scene.project.id, Buffer.from(apiKeyId)],
    ),
  );
  await queueMails(db.database, scene, 2, { recipients: ['delivered@magic.mailroom.test'] });
  await work();
  await waitForStates(db.database, scene, { sent: 2 });
  expect((await usageOf(db.database, scene)).mails).toBe(0);
  await queueMails(db.database, scene, 4);
  await waitForStates(db.database, scene, { sent: 4, backlog: 2 });
  await queueMails(db.database, scene, 3, { apiKeyId });
  await waitForStates(db.database, scene, { sent: 4, backlog: 2, captured: 3 });
  expect((await usageOf(db.database, scene)).mails).toBe(2);
});

test('what holds the rest of a project leaves the mails of which nothing leaves (PRODUCT 2.16)', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await limitProtocol(db.database, scene, { mailsPerDay: 1 });
  await queueMails(db.database, scene, 4);
  await queueMails(db.database, scene, 3, { recipients: ['delivered@magic.mailroom.test'] });
  await queueMails(db.database, scene, 2, {
    recipients: ['delivered@magic.mailroom.test', 'a@example.test'],
  });
  await work();
  await waitForStates(db.database, scene, { sent: 4, backlog: 5 });
  expect(sink.counts().mails).toBe(1);
  expect((await usageOf(db.database, scene)).mails).toBe(1);
});

test('nothing is held where room has come since the claim looked: midnight has passed', async () => {
  const scene = await makeScene(db.database, { port: 9 });
  await limitProtocol(db.database, scene, { mailsPerDay: 5 });
  const [messageId = ''] = await queueMails(db.database, scene, 3);
  const projectId = scene.project.id;
  expect(await holdDue(db.database, { projectId, isHigh: false })).toBe(0);
  await holdOneDue(db.database, { messageId, projectId, isHigh: false });
  expect(await countStates(db.database, scene)).toEqual({ queued: 3 });
  await limitProtocol(db.database, scene, { mailsPerDay: 5, highReserve: 5 });
  await holdOneDue(db.database, { messageId, projectId, isHigh: true });
  expect(await holdDue(db.database, { projectId, isHigh: true })).toBe(0);
  await holdOneDue(db.database, { messageId, projectId, isHigh: false });
  expect(await holdDue(db.database, { projectId, isHigh: false })).toBe(2);
  expect(await countStates(db.database, scene)).toEqual({ backlog: 3 });
});

test('a mail in the backlog expires; a suspended one stays for ever', async () => {
  const sink = await sinkFor();
  const scene = await makeScene(db.database, { port: sink.port });
  await limitProtocol(db.database, scene, { mailsPerDay: 1 });
  const ids = await queueMails(db.database, scene, 3, { expiresInMs: 3_600_000 });
  await work();
  await waitForStates(db.database, scene, { sent: 1, backlog: 2 });
  await asOwner(db.database, async (tx) => {
    await tx.query(
      `update mailroom.held_messages set state = 'suspended' where message_id = (
         select message_id from mailroom.held_messages where message_id = any ($1::uuid[]) limit 1)`,
      [ids],
    );
    await tx.query(
      `update mailroom.messages m set state = 'suspended', suspended_at = mailroom.now() from mailroom.held_messages h
       where h.message_id = m.id and h.state = 'suspended' and m.id = any ($1::uuid[])`,
      [ids],
    );
    await tx.query(
      `update mailroom.held_messages set expires_at = mailroom.now() - interval '1 second' where message_id = any ($1::uuid[])`,
      [ids],
    );
  });
  await waitForStates(db.database, scene, { sent: 1, expired: 1, suspended: 1 });
});

test('a new day has its whole limit again, and what is counted already does not use it', async () => {
  const own = await createTestDatabase();
  const sink = await sinkFor();
  const scene = await makeScene(own.database, { port: sink.port });
  await limitProtocol(own.database, scene, { mailsPerDay: 5 });
  await queueMails(own.database, scene, 8);
  const today = await runWorker(testServices(own.database));
  await waitForStates(own.database, scene, { sent: 5, backlog: 3 });
  await today.stop();

  await own.shiftClock('25 hours');
  const later = createDatabase({ connectionString: own.connectionString });
  endings.push(() => later.close());
  const counted = await queueMails(later, scene, 2);
  await asOwner(later, (tx) =>
    tx.query(
      `update mailroom.queue_entries set counted_at = mailroom.now() - interval '24 hours' where message_id = any ($1::uuid[])`,
      [counted],
    ),
  );
  await queueMails(later, scene, 6);
  const tomorrow = await runWorker(testServices(later));
  endings.push(() => tomorrow.stop());
  await waitForStates(later, scene, { sent: 12, backlog: 4 });
  expect(await usageOf(later, scene)).toMatchObject({ mails: 10, passed: 0 });
});
