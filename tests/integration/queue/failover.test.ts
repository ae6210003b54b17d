import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { reconnectToPrimary } from '#lib/queue/reconnect-to-primary.ts';
import { runWorker, type WorkerOptions } from '#lib/queue/run-worker.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { buildTransport, type TransportOptions } from '#lib/transports/build-transport.ts';
import type { Transport } from '#lib/transports/contract.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { type HostileScript, reply, replyAndDrop } from '#tests/servers/smtp/hostile-script.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { freePort } from '#tests/support/free-port.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { laneHistory, laneOf, setOnAlternate, toldOf } from './failover-scene.ts';
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

async function sinkOn(port?: number) {
  const sink = await startFastSink(port === undefined ? {} : { port });
  endings.push(() => sink.close());
  return sink;
}

async function hostile(script: HostileScript) {
  const server = await startHostileServer(script);
  endings.push(() => server.close());
  return server;
}

async function work(options: WorkerOptions = {}) {
  const worker = await runWorker(testServices(db.database), options);
  endings.push(() => worker.stop());
  return worker;
}

/** A project with these two servers on loopback. */
function sceneOf(primaryPort: number, alternatePort: number): Promise<Scene> {
  return makeScene(db.database, {
    port: primaryPort,
    alternateHost: '127.0.0.1',
    alternate: { port: alternatePort },
  });
}

async function triesOf({ project }: Scene): Promise<{ attempts: number; waited: number }> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ attempts: number; waited: number }>(
      `select max(attempt_count)::int as attempts, max(waited_ms)::int as waited
       from mailroom.messages where project_id = $1`,
      [project.id],
    ),
  );
  return rows[0] ?? { attempts: -1, waited: -1 };
}

describe('to the alternate (PRODUCT 6.1)', () => {
  test('a primary that refuses connections gives way after three in a row; history and people are told once', async () => {
    const sink = await sinkOn();
    const scene = await sceneOf(await freePort(), sink.port);
    await queueMails(db.database, scene, 20);
    await work();
    await waitForStates(db.database, scene, { sent: 20 });
    const attempts = await attemptsOf(db.database, scene);
    expect(attempts.filter(({ endpoint }) => endpoint === 'primary').map(({ outcome }) => outcome)).toEqual([
      'unreachable',
      'unreachable',
      'unreachable',
    ]);
    expect(await laneOf(db.database, scene)).toMatchObject({
      active_endpoint: 'alternate',
      alternate_reason: 'CONNECT_REFUSED',
      failure_count: 0,
      wait_kind: null,
    });
    expect(await laneHistory(db.database, scene)).toEqual([['lane.switched_to_alternate', null]]);
    expect(await toldOf(db.database, scene)).toEqual(['went_to_alternate']);
    expect(await triesOf(scene)).toEqual({ attempts: 1, waited: 0 });
  });

  test('mail stays there though the primary is back, and a pause and a resume change nothing', async () => {
    const [primary, alternate] = [await sinkOn(), await sinkOn()];
    const scene = await sceneOf(primary.port, alternate.port);
    await work();
    await setOnAlternate(db.database, scene);
    await queueMails(db.database, scene, 5);
    await waitForStates(db.database, scene, { sent: 5 });
    const ctx = contextOf(testServices(db.database), scene.organization);
    await pauseSending(ctx, { project: scene.project.id });
    await queueMails(db.database, scene, 5);
    await resumeSending(ctx, { project: scene.project.id });
    await waitForStates(db.database, scene, { sent: 10 });
    expect([primary.counts().mails, alternate.counts().mails]).toEqual([0, 10]);
  });

  test('a refused mail, a refused recipient or a refused password is no reason', async () => {
    const sink = await sinkOn();
    const server = await hostile({
      reactions: {
        rcpt: reply('550 5.1.1 No such user'),
        mail: (_, times) => reply(times <= 3 ? '250 2.1.0 Ok' : '535 5.7.8 Bad credentials'),
      },
    });
    const scene = await sceneOf(server.port, sink.port);
    await queueMails(db.database, scene, 4);
    await work();
    await waitUntil('a stop', async () => (await laneOf(db.database, scene)).stopped_at !== null);
    await waitForStates(db.database, scene, { failed: 3, queued: 1 });
    expect(await laneOf(db.database, scene)).toMatchObject({ active_endpoint: 'primary' });
    expect(sink.counts().connections).toBe(0);
  });

  test('a 421 greeting counts three times in a row, one about a rate never', async () => {
    const sink = await sinkOn();
    const closing = await hostile({ reactions: { greeting: replyAndDrop('421 4.3.2 Shutting down') } });
    const busy = await hostile({
      reactions: { greeting: replyAndDrop('421 4.7.0 Too many connections from your address') },
    });
    const [first, second] = [await sceneOf(closing.port, sink.port), await sceneOf(busy.port, sink.port)];
    await queueMails(db.database, first, 1);
    await queueMails(db.database, second, 1);
    await work();
    await waitForStates(db.database, first, { sent: 1 });
    expect(closing.connectionCount()).toBe(3);
    await waitUntil('a wait', async () => (await laneOf(db.database, second)).wait_kind === 'throttled');
    expect(await laneOf(db.database, second)).toMatchObject({
      active_endpoint: 'primary',
      reach_failures: 0,
    });
  });

  test('of two workers one sees the primary: nothing is lost or repeated, and both go by what the row says', async () => {
    const [primary, alternate] = [await sinkOn(), await sinkOn()];
    const scene = await sceneOf(primary.port, alternate.port);
    await queueMails(db.database, scene, 60);
    const dead = await freePort();
    await work({ buildTransport: (options) => buildTransport(moved(options, primary.port, dead)) });
    await work();
    await waitForStates(db.database, scene, { sent: 60 });
    const sent = primary.counts().mails + alternate.counts().mails;
    expect(sent).toBe(60);
    const isAway = (await laneOf(db.database, scene)).active_endpoint === 'alternate';
    expect(alternate.counts().mails > 0).toBe(isAway);
  });
});

/** These settings by another port: a worker for whom the server is not there. */
function moved(options: TransportOptions, from: number, to: number): TransportOptions {
  if (options.protocol !== 'smtp' || options.endpoint.port !== from) return options;
  return { ...options, endpoint: { ...options.endpoint, port: to } };
}

describe('both down', () => {
  test('mails keep their tries, people are told once, and whichever answers first carries the mail', async () => {
    const [primaryPort, alternatePort] = [await freePort(), await freePort()];
    const scene = await sceneOf(primaryPort, alternatePort);
    await queueMails(db.database, scene, 10);
    await work();
    await waitUntil('both down', async () => (await laneOf(db.database, scene)).both_down_since !== null, {
      withinMs: 60_000,
    });
    expect(await triesOf(scene)).toEqual({ attempts: 0, waited: 0 });
    const sink = await sinkOn(primaryPort);
    await waitForStates(db.database, scene, { sent: 10 });
    expect(sink.counts().mails).toBe(10);
    expect(await laneOf(db.database, scene)).toMatchObject({
      active_endpoint: 'primary',
      alternate_since: null,
      both_down_since: null,
      failure_count: 0,
    });
    expect(await laneHistory(db.database, scene)).toEqual([
      ['lane.switched_to_alternate', null],
      ['lane.both_down', null],
      ['lane.reconnected_to_primary', 'alternate_unreachable'],
    ]);
    expect(await toldOf(db.database, scene)).toEqual([
      'went_to_alternate',
      'servers_unreachable',
      'returned_to_primary',
    ]);
    expect(await triesOf(scene)).toEqual({ attempts: 1, waited: 0 });
  });

  test('the alternate answers first: mail goes by it, and it is still away', async () => {
    const alternatePort = await freePort();
    const scene = await sceneOf(await freePort(), alternatePort);
    await work();
    await setOnAlternate(db.database, scene);
    await queueMails(db.database, scene, 3);
    await waitUntil('both down', async () => (await laneOf(db.database, scene)).both_down_since !== null, {
      withinMs: 30_000,
    });
    const sink = await sinkOn(alternatePort);
    await waitForStates(db.database, scene, { sent: 3 });
    expect(sink.counts().mails).toBe(3);
    const lane = await laneOf(db.database, scene);
    expect(lane).toMatchObject({ active_endpoint: 'alternate', both_down_since: null });
    expect(lane.alternate_since).not.toBeNull();
    expect(await laneHistory(db.database, scene)).toEqual([
      ['lane.both_down', null],
      ['lane.alternate_answers', null],
    ]);
  });

  test('an alternate that refuses the sign-in stops the lane and is not asked again; reconnecting lifts that', async () => {
    const server = await hostile({ reactions: { mail: reply('530 5.7.0 Authentication required') } });
    const primary = await sinkOn();
    const scene = await sceneOf(primary.port, server.port);
    await work();
    await setOnAlternate(db.database, scene);
    await queueMails(db.database, scene, 5);
    await waitUntil('a stop', async () => (await laneOf(db.database, scene)).stopped_at !== null);
    expect(server.connectionCount()).toBe(1);
    expect(await laneOf(db.database, scene)).toMatchObject({ active_endpoint: 'alternate' });
    expect(await queueLength(db.database, scene)).toBe(5);
    const ctx = contextOf(testServices(db.database), scene.organization);
    await reconnectToPrimary(ctx, { project: scene.project.id });
    await waitForStates(db.database, scene, { sent: 5 });
    expect(primary.counts().mails).toBe(5);
    expect(server.connectionCount()).toBe(1);
    expect(await laneHistory(db.database, scene)).toEqual([
      ['lane.stopped', null],
      ['lane.reconnected_to_primary', 'by_hand'],
    ]);
  });
});

/** A transport whose names resolve as the test says. */
function resolving(names: Readonly<Record<string, () => readonly string[]>>) {
  const lookup = (host: string): Promise<readonly string[]> => {
    const found = names[host]?.() ?? [];
    return found.length > 0
      ? Promise.resolve(found)
      : Promise.reject(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }));
  };
  return (options: TransportOptions): Transport => buildTransport({ ...options, lookup });
}

describe('name servers', () => {
  test('a name that stays unknown sends mail by the alternate', async () => {
    const sink = await sinkOn();
    const scene = await makeScene(db.database, {
      port: sink.port,
      host: 'primary.example.test',
      alternateHost: 'alternate.example.test',
    });
    await queueMails(db.database, scene, 3);
    await work({ buildTransport: resolving({ 'alternate.example.test': () => ['127.0.0.1'] }) });
    await waitForStates(db.database, scene, { sent: 3 });
    expect(await laneOf(db.database, scene)).toMatchObject({
      active_endpoint: 'alternate',
      alternate_reason: 'HOST_UNKNOWN',
    });
  });

  test('a name that flaps never switches while it answers in between, and mail flows', async () => {
    const sink = await sinkOn();
    let asked = 0;
    const scene = await makeScene(db.database, {
      port: sink.port,
      host: 'primary.example.test',
      alternateHost: 'alternate.example.test',
      maxConnections: 1,
    });
    await queueMails(db.database, scene, 250);
    // Every other look-up fails; connections end after 100 mails, so that names are asked for again.
    await work({
      buildTransport: resolving({
        'primary.example.test': () => ((asked += 1) % 2 === 0 ? ['127.0.0.1'] : []),
      }),
    });
    await waitForStates(db.database, scene, { sent: 250 });
    expect(asked).toBeGreaterThanOrEqual(4);
    expect(await laneOf(db.database, scene)).toMatchObject({ active_endpoint: 'primary', wait_kind: null });
    expect(sink.counts().mails).toBe(250);
  });
});

describe('back again (PRODUCT 6.3)', () => {
  test('what the other server does while the lane has moved is not charged to this one', async () => {
    const [primary, alternate] = [await sinkOn(), await sinkOn()];
    const scene = await sceneOf(primary.port, alternate.port);
    await work();
    await setOnAlternate(db.database, scene);
    await queueMails(db.database, scene, 200);
    await waitUntil('mail by the alternate', () => Promise.resolve(alternate.counts().mails > 0));
    const ctx = contextOf(testServices(db.database), scene.organization);
    await reconnectToPrimary(ctx, { project: scene.project.id });
    await queueMails(db.database, scene, 200);
    await waitForStates(db.database, scene, { sent: 400 });
    expect(primary.counts().mails).toBeGreaterThan(0);
    expect(primary.counts().mails + alternate.counts().mails).toBe(400);
  });

  test('with saved settings that name another primary', async () => {
    const [primary, alternate] = [await sinkOn(), await sinkOn()];
    const scene = await sceneOf(await freePort(), alternate.port);
    await work();
    await setOnAlternate(db.database, scene);
    await queueMails(db.database, scene, 50);
    await writeSettings(db.database, scene, settingsDocument({ port: primary.port }));
    await queueMails(db.database, scene, 50);
    await waitForStates(db.database, scene, { sent: 100 });
    expect(primary.counts().mails).toBeGreaterThanOrEqual(50);
  });
});
