import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processCommand } from '#db/embedded-leftover.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.ts';

let folder: string;
const running: EmbeddedPostgres[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailroom-embedded-'));
  await chmod(folder, 0o711);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ folder });
  running.push(server);
  return server;
}

async function query(server: EmbeddedPostgres, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.address('postgres') });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid(server: EmbeddedPostgres): Promise<number> {
  return Number((await readFile(join(server.dataFolder, 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

test('keeps its data, its port and its password from one start to the next', async () => {
  const first = await start();
  await query(first, 'create table kept (n int); insert into kept values (42)');
  await first.stop();
  expect(existsSync(join(first.dataFolder, 'postmaster.pid'))).toBe(false);
  const second = await start();
  expect(second.address('postgres')).toBe(first.address('postgres'));
  expect(await query(second, 'select n from kept')).toEqual([{ n: 42 }]);
});

test('what was committed outlives a Postgres that is killed outright', async () => {
  const first = await start();
  await query(first, 'create table kept (n int); insert into kept values (7)');
  process.kill(await postmasterPid(first), 'SIGKILL');
  await first.exited;
  const second = await start();
  expect(await query(second, 'select n from kept')).toEqual([{ n: 7 }]);
});

test('a Postgres that an earlier start left behind is ended first', async () => {
  const first = await start();
  const pid = await postmasterPid(first);
  const second = await start();
  expect(await processCommand(pid)).toBeUndefined();
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a lock file whose number belongs to another program now does not stop a start', async () => {
  const first = await start();
  await first.stop();
  await writeFile(join(first.dataFolder, 'postmaster.pid'), `${process.pid}\n${first.dataFolder}\n`);
  const second = await start();
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('listens on loopback alone, asks for the password, and never trades safety for speed', async () => {
  const server = await start();
  const stranger = new pg.Client({
    connectionString: server.address('postgres').replace(/:[^:@]+@/, ':wrong@'),
  });
  await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
  const [settings] = await query(
    server,
    `select current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
            current_setting('full_page_writes') as pages, current_setting('synchronous_commit') as commit`,
  );
  expect(settings).toEqual({ addresses: '127.0.0.1', fsync: 'on', pages: 'on', commit: 'on' });
  expect((await stat(join(folder, 'password'))).mode & 0o077).toBe(0);
});
