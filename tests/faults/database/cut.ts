import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Fault } from '../fault.ts';
import type { Ground } from '../support/ground.ts';
import { startLine, type Line } from '../support/line.ts';

/** Facts, fault 10. */
export const connectionsCut: Fault = {
  name: 'connections-cut',
  title: 'every connection to Postgres is terminated twice a second for a while',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    await desk.accept(1500);
    await sink.mailbox.reached(50);
    const isBack = ground.outages.begin();
    await asSuperuser(ground, async (client) => {
      for (let round = 0; round < ground.rounds(10, 120); round += 1) {
        await client.query(endEverySession);
        await pause(500);
      }
    });
    isBack();
    await desk.settled();
  },
};

/** What a failover to a standby looks like until it is promoted. */
export const readOnly: Fault = {
  name: 'read-only',
  title:
    'the database takes no writes for a while: mails wait, their outcomes wait in memory, all of it goes on',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    await desk.accept(1000);
    await sink.mailbox.reached(50);
    const isBack = ground.outages.begin();
    await asSuperuser(ground, async (client) => {
      const name = client.escapeIdentifier(new URL(ground.databaseUrl).pathname.slice(1));
      await client.query(`alter database ${name} set default_transaction_read_only = on`);
      await client.query(endEverySession);
      await pause(ground.isShort ? 4_000 : 20_000);
      await client.query('set default_transaction_read_only = off');
      await client.query(`alter database ${name} reset default_transaction_read_only`);
      await client.query(endEverySession);
    });
    isBack();
    await desk.settled();
  },
};

/** A database that is far away. */
export const slowDatabase: Fault = {
  name: 'slow-database',
  isSlowForAll: true,
  title: 'every word to and from Postgres takes 60 ms, then its line is silent for some seconds',
  needs: 'workers',
  isLong: true,
  run: async (ground) => {
    const { line, sink, desk } = await overALine(ground);
    await sink.mailbox.reached(20);
    line.delayMs = 60;
    await sink.mailbox.reached(200);
    const isBack = ground.outages.begin();
    line.isSilent = true;
    await pause(3_000);
    line.isSilent = false;
    line.delayMs = 0;
    isBack();
    await desk.settled();
  },
};

/** A firewall between worker and database has forgotten its connections. */
export const forgottenConnections: Fault = {
  name: 'forgotten-connections',
  title: 'the connections to Postgres lead nowhere from one moment on, without an error; new ones would work',
  needs: 'workers',
  isLong: true,
  withinMs: 240_000,
  run: async (ground) => {
    const { line, sink, desk } = await overALine(ground);
    await sink.mailbox.reached(100);
    const isBack = ground.outages.begin();
    line.forget();
    await desk.settled(150_000);
    isBack();
  },
};

async function overALine(ground: Ground) {
  const line: Line = await startLine(Number(new URL(ground.databaseUrl).port), ground.endings);
  const address = new URL(ground.databaseUrl);
  address.port = String(line.port);
  const sink = await ground.startFastSink();
  const desk = await ground.openDesk(sink);
  await ground.startWorker({ environment: { DATABASE_URL: String(address) } });
  await desk.accept(500);
  return { line, sink, desk };
}

const endEverySession = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

async function asSuperuser(ground: Ground, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: ground.databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Facts, fault 11. */
export const noConnectionsLeft: Fault = {
  name: 'no-connections-left',
  title: 'idle sessions take every connection that Postgres has: the drain goes on with those that it holds',
  needs: 'server',
  isLong: true,
  postgres: { max_connections: 40 },
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    await desk.accept(600);
    await sink.mailbox.reached(20);
    const idle: pg.Client[] = [];
    for (let isFull = false; !isFull;) {
      const client = new pg.Client({ connectionString: ground.databaseUrl });
      client.on('error', () => undefined);
      isFull = await client.connect().then(
        () => false,
        () => true,
      );
      if (!isFull) idle.push(client);
    }
    assert.ok(idle.length > 5, 'there was nothing left to take');
    ground.say(`${idle.length} idle sessions`);
    await sink.mailbox.reached(desk.accepted.length, 60_000);
    await Promise.all(idle.map((client) => client.end()));
    await desk.settled();
  },
};
