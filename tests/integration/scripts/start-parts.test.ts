import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '#db/loopback-port.ts';
import { readServiceEnvironment } from '#lib/env.ts';
import { keptKeys } from '#scripts/kept-keys.ts';
import { AlreadyRunningError, readRunning, takeStartLock } from '#scripts/start-lock.ts';
import { settlePort, StartError } from '#scripts/start-options.ts';
import { Teardown } from '#scripts/teardown.ts';
import { spawnProgram } from '#tests/support/processes.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailroom-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the lock of a data folder', () => {
  test('refuses a second start while the first lives, and says where that is', async () => {
    const dataFolder = join(folder, 'lock');
    const lock = await takeStartLock(dataFolder);
    await lock.release();
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'scripts/start.ts'], {
      stdio: 'ignore',
    });
    await once(other, 'spawn');
    await writeFile(
      join(dataFolder, 'running.json'),
      JSON.stringify({ pid: other.pid, portalUrl: 'http://localhost:3000' }),
    );
    const refused = takeStartLock(dataFolder);
    await expect(refused).rejects.toThrow(AlreadyRunningError);
    await expect(refused).rejects.toThrow(/http:\/\/localhost:3000/);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const taken = await takeStartLock(dataFolder);
    expect((await readRunning(dataFolder))?.pid).toBe(process.pid);
    await taken.release();
    expect(await readRunning(dataFolder)).toBeNull();
  });

  test('leaves the lock of a later start alone', async () => {
    const dataFolder = join(folder, 'later');
    const lock = await takeStartLock(dataFolder);
    await writeFile(join(dataFolder, 'running.json'), JSON.stringify({ pid: process.pid + 1 }));
    await lock.release();
    expect((await readRunning(dataFolder))?.pid).toBe(process.pid + 1);
  });
});

test('keys are made once, for their owner alone, and serve as the environment', async () => {
  const made = await keptKeys(join(folder, 'keys'));
  expect(await keptKeys(join(folder, 'keys'))).toEqual(made);
  expect((await stat(join(folder, 'keys', 'keys.json'))).mode & 0o077).toBe(0);
  const environment = readServiceEnvironment({
    DATABASE_URL: 'postgres://mail:x@db.example/mailroom',
    MAILROOM_KEYS: made.keys,
    NEXTAUTH_SECRET: made.sessionSecret,
  });
  expect(environment.keys).toBe(made.keys);
});

describe('ports', () => {
  const port = { subject: 'The portal', variable: 'MAILROOM_PORTAL_PORT', host: '127.0.0.1' };

  test('a port that nobody chose moves to the next free one, and says so', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    const usual = address === null || typeof address === 'string' ? 0 : address.port;
    const said: string[] = [];
    const settled = await settlePort({ ...port, chosen: null, usual }, (line) => said.push(line));
    expect(settled).toBeGreaterThan(usual);
    expect(said).toEqual([`Port ${usual} is taken by another program, so the portal uses ${settled}.`]);
    const refused = settlePort({ ...port, chosen: usual, usual }, () => undefined);
    await expect(refused).rejects.toThrow(StartError);
    await expect(refused).rejects.toThrow(`port ${usual}`);
    holder.close();
    await once(holder, 'close');
  });

  test('a free port is taken without a word', async () => {
    const usual = await freePort();
    const said: string[] = [];
    expect(await settlePort({ ...port, chosen: null, usual }, (line) => said.push(line))).toBe(usual);
    expect(said).toEqual([]);
  });
});

test('everything is ended in the opposite order, though one step fails', async () => {
  const teardown = new Teardown();
  const ended: string[] = [];
  teardown.add(async () => void ended.push('first'));
  teardown.add(() => Promise.reject(new Error('stuck')));
  teardown.add(async () => void ended.push('last'));
  expect(await teardown.run()).toHaveLength(1);
  expect(ended).toEqual(['last', 'first']);
});

test('a wrong setting ends the start with its sentence', async () => {
  const started = spawnProgram('scripts/start.ts', { env: { MAILROOM_DATA_DIR: folder, PORT: '70000' } });
  expect(await started.exited).toMatchObject({ code: 1 });
  expect(started.output()).toBe('PORT must be a port number from 1 to 65535.\n');
});
