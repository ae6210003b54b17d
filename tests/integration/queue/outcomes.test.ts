import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { drop, reply, replyAndDrop, type HostileScript } from '#tests/servers/smtp/hostile-script.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { freePort } from '#tests/support/free-port.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import {
  attemptsOf,
  makeScene,
  queueLength,
  queueMails,
  settingsDocument,
  waitForStates,
  writeSettings,
  type Scene,
} from './queue-scene.ts';

let db: TestDatabase;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function hostile(script: HostileScript) {
  const server = await startHostileServer(script);
  endings.push(() => server.close());
  return server;
}

async function work(): Promise<void> {
  const worker = await runWorker(testServices(db.database));
  endings.push(() => worker.stop());
}

async function lane({ project }: Scene) {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{
      stopped_at: Date | null;
      stop_code: string | null;
      wait_kind: string | null;
      wait_until: Date | null;
      active_endpoint: string;
      failure_count: number;
    }>('select * from mailroom.lanes where id = $1', [project.laneId]),
  );
  return rows[0];
}

async function message(id: string | undefined) {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{
      state: string;
      state_reason: string | null;
      attempt_count: number;
      repeat_count: number;
      accepted_count: number;
      last_reply: string | null;
    }>('select * from mailroom.messages where id = $1', [id]),
  );
  return rows[0];
}

test('a server that always drops after end-of-data gets two repeats at most, then the mail is uncertain', async () => {
  const server = await hostile({ reactions: { endOfData: drop } });
  const scene = await makeScene(db.database, { port: server.port });
  const [id] = await queueMails(db.database, scene, 1);
  await work();
  await waitForStates(db.database, scene, { uncertain: 1 });
  expect(server.contents).toHaveLength(3);
  const attempts = await attemptsOf(db.database, scene);
  expect(attempts.map(({ outcome, repeat }) => [outcome, repeat])).toEqual([
    ['uncertain', false],
    ['uncertain', true],
    ['uncertain', true],
  ]);
  expect(await message(id)).toMatchObject({ state_reason: 'REPEATS_SPENT', repeat_count: 2 });
  expect(await queueLength(db.database, scene)).toBe(0);
});

test('a refused mail fails with the words of the server and is not tried again', async () => {
  const server = await hostile({ reactions: { endOfData: reply('554 5.7.1 Content refused') } });
  const scene = await makeScene(db.database, { port: server.port });
  const [id] = await queueMails(db.database, scene, 1);
  await work();
  await waitForStates(db.database, scene, { failed: 1 });
  expect(await message(id)).toMatchObject({
    attempt_count: 1,
    last_reply: expect.stringContaining('Content refused'),
  });
});

test('only the recipients that were refused for now are tried again', async () => {
  const server = await hostile({
    reactions: {
      rcpt: (line, times) =>
        line.includes('later') && times <= 3
          ? reply('450 4.2.0 Greylisted')
          : reply(line.includes('never') ? '550 5.1.1 No such user' : '250 2.1.5 Ok'),
    },
  });
  const recipients = ['now@example.test', 'later@example.test', 'never@example.test'];
  const scene = await makeScene(db.database, { port: server.port });
  const [id] = await queueMails(db.database, scene, 1, { recipients });
  await work();
  await waitForStates(db.database, scene, { sent: 1 });
  expect(server.deliveries.map(({ to }) => to.toSorted())).toEqual([
    ['now@example.test'],
    ['later@example.test'],
  ]);
  expect(await message(id)).toMatchObject({ accepted_count: 2, state_reason: null, attempt_count: 2 });
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query('select address, state from mailroom.recipients where message_id = $1 order by position', [id]),
  );
  expect(rows).toEqual([
    { address: 'now@example.test', state: 'accepted' },
    { address: 'later@example.test', state: 'accepted' },
    { address: 'never@example.test', state: 'refused' },
  ]);
});

test('a refused sign-in stops the lane, costs no try, and saved settings start it again', async () => {
  const server = await hostile({ reactions: { mail: reply('530 5.7.0 Authentication required') } });
  const sink = await startFastSink();
  endings.push(() => sink.close());
  const scene = await makeScene(db.database, { port: server.port });
  const ids = await queueMails(db.database, scene, 20);
  await work();
  await waitUntil('a stopped lane', async () => (await lane(scene))?.stopped_at !== null);
  await waitForStates(db.database, scene, { queued: 20 });
  expect(await message(ids[0])).toMatchObject({ attempt_count: 0 });
  await writeSettings(db.database, scene, settingsDocument({ port: sink.port }));
  await waitForStates(db.database, scene, { sent: 20 });
});

test('a server out of reach costs no try and is asked with one mail per wait; then the mails go', async () => {
  const port = await freePort();
  const scene = await makeScene(db.database, { port });
  const ids = await queueMails(db.database, scene, 30);
  await work();
  await waitUntil('a waiting lane', async () => (await lane(scene))?.wait_kind === 'unreachable');
  await waitUntil('a second probe', async () => ((await lane(scene))?.failure_count ?? 0) >= 2);
  expect((await attemptsOf(db.database, scene)).length).toBeLessThanOrEqual(3);
  const sink = await startFastSink({ port });
  endings.push(() => sink.close());
  await waitForStates(db.database, scene, { sent: 30 });
  expect(await message(ids[0])).toMatchObject({ attempt_count: 1 });
  expect(await lane(scene)).toMatchObject({ wait_kind: null, failure_count: 0 });
});

test('a primary out of reach gives way to the alternate, and mail stays there', async () => {
  const sink = await startFastSink();
  endings.push(() => sink.close());
  // Both share the port, so the primary is a loopback address on which nobody listens.
  const scene = await makeScene(db.database, {
    port: sink.port,
    host: '127.0.0.99',
    alternateHost: '127.0.0.1',
  });
  await queueMails(db.database, scene, 10);
  await work();
  await waitForStates(db.database, scene, { sent: 10 });
  expect(await lane(scene)).toMatchObject({ active_endpoint: 'alternate', wait_kind: null });
  const attempts = await attemptsOf(db.database, scene);
  expect(attempts.filter(({ outcome }) => outcome === 'unreachable').length).toBe(3);
  expect(
    attempts
      .filter(({ outcome }) => outcome === 'accepted')
      .every(({ endpoint }) => endpoint === 'alternate'),
  ).toBe(true);
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query('select action, actor_kind from mailroom.audit_entries where project_id = $1', [
      scene.project.id,
    ]),
  );
  expect(rows).toEqual([{ action: 'lane.switched_to_alternate', actor_kind: 'system' }]);
});

test('a server that asks to slow down makes the lane wait and costs no try', async () => {
  let isBusy = true;
  const server = await hostile({
    reactions: {
      mail: () => (isBusy ? replyAndDrop('421 4.7.0 Too many messages, slow down') : reply('250 Ok')),
    },
  });
  const scene = await makeScene(db.database, { port: server.port });
  const [id] = await queueMails(db.database, scene, 1);
  await work();
  await waitUntil('a waiting lane', async () => (await lane(scene))?.wait_until !== null);
  expect(await message(id)).toMatchObject({ state: 'queued', attempt_count: 0 });
  isBusy = false;
  await waitForStates(db.database, scene, { sent: 1 });
  expect(await message(id)).toMatchObject({ attempt_count: 1 });
});

test('a sign-in refused in words that no database stores stops the lane all the same', async () => {
  const server = await hostile({ reactions: { mail: reply('530 5.7.0 Authentication\0 required') } });
  const scene = await makeScene(db.database, { port: server.port });
  await queueMails(db.database, scene, 2);
  await work();
  await waitUntil('a stopped lane', async () => (await lane(scene))?.stopped_at instanceof Date);
  expect(server.connectionCount()).toBe(1);
});

test('a mail that some have got is sent when its time is over for the others (PRODUCT 4.3)', async () => {
  const server = await hostile({
    reactions: { rcpt: (line) => reply(line.includes('later') ? '450 4.2.0 Later' : '250 2.1.5 Ok') },
  });
  const scene = await makeScene(db.database, { port: server.port });
  const [id] = await queueMails(db.database, scene, 1, {
    recipients: ['now@example.test', 'later@example.test'],
    expiresInMs: 3000,
  });
  await work();
  await waitForStates(db.database, scene, { sent: 1 });
  expect(await message(id)).toMatchObject({ accepted_count: 1, state_reason: null });
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query('select state, code from mailroom.recipients where message_id = $1 order by position', [id]),
  );
  expect(rows).toEqual([
    { state: 'accepted', code: null },
    { state: 'refused', code: 'EXPIRED' },
  ]);
});
