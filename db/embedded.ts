import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  canReach,
  databaseAccount,
  handOver,
  postgresBinaries,
  sharedFolder,
  shortHash,
  type Account,
  type PostgresBinaries,
} from './embedded-binaries.ts';
import { endLeftover } from './embedded-leftover.ts';
import { freePort, isPortFree } from './loopback-port.ts';
import { spawnTethered, type ProcessExit, type TetheredProcess } from './tether.ts';

export interface EmbeddedPostgres {
  readonly port: number;
  /** Where the files lie. It differs from the folder asked for when the database account cannot enter that. */
  readonly dataFolder: string;
  /** A postgres:// address of one database of this server, as its superuser. */
  address(database: string): string;
  /** Settles when the server has ended, asked or not. */
  readonly exited: Promise<ProcessExit>;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Keeps the data, the password and the port from one start to the next. */
  readonly folder: string;
  /** Server settings on top of the safe ones, as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Every line that the server writes. */
  readonly onLine?: (line: string) => void;
}

const superuser = 'postgres';
const stopGraceMs = 20_000;

// fsync, full_page_writes and synchronous_commit stay at Postgres's own safe values.
const safeSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  lc_messages: 'C',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** Starts the Postgres that came with npm, making its data folder at first. Loopback only, with a password. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.folder);
  await mkdir(folder, { recursive: true });
  const account = databaseAccount();
  const binaries = await postgresBinaries(account);
  const home = await reachableHome(folder, account);
  const dataFolder = join(home, 'data');
  const password = await keptPassword(home);
  if (!existsSync(join(dataFolder, 'PG_VERSION'))) {
    await initialise(binaries, dataFolder, password, account);
  }
  await endLeftover(dataFolder);
  const kept = Number(await readFile(join(home, 'port'), 'utf8').catch(() => '0'));
  for (let attempt = 0; ; attempt += 1) {
    const port = attempt === 0 && (await isPortFree(kept)) ? kept : await freePort();
    const server = launch(binaries, dataFolder, port, { ...safeSettings, ...options.settings }, account);
    const outcome = await untilReady(server, options.onLine ?? (() => undefined));
    if (outcome.ready) {
      await writeFile(join(home, 'port'), String(port));
      return running(server, port, dataFolder, password);
    }
    if (attempt === 2 || !/Address already in use|could not bind/i.test(outcome.text)) {
      throw new Error(`Postgres did not start in ${dataFolder}:\n${outcome.text.trim()}`);
    }
  }
}

async function reachableHome(folder: string, account: Account | undefined): Promise<string> {
  if (account === undefined || canReach(folder, account)) return folder;
  const home = join(await sharedFolder(folder), `data-${shortHash(folder)}`);
  await mkdir(home, { recursive: true, mode: 0o711 });
  return home;
}

async function keptPassword(home: string): Promise<string> {
  const file = join(home, 'password');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== '') return kept;
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

async function initialise(
  binaries: PostgresBinaries,
  dataFolder: string,
  password: string,
  account: Account | undefined,
): Promise<void> {
  await rm(dataFolder, { recursive: true, force: true });
  await mkdir(dataFolder, { mode: 0o700 });
  handOver(dataFolder, account);
  const secretFolder = await mkdtemp(join(tmpdir(), 'mailroom-initdb-'));
  const passwordFile = join(secretFolder, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  handOver(passwordFile, account);
  handOver(secretFolder, account);
  try {
    await runInitdb(binaries.initdb, dataFolder, passwordFile, account);
  } catch (error) {
    await rm(dataFolder, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(secretFolder, { recursive: true, force: true });
  }
}

async function runInitdb(
  initdb: string,
  dataFolder: string,
  passwordFile: string,
  account: Account | undefined,
): Promise<void> {
  const args = [
    `--pgdata=${dataFolder}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  const child = spawn(initdb, args, { ...account, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  if (child.exitCode !== 0)
    throw new Error(`Postgres could not make its data folder ${dataFolder}:\n${text.trim()}`);
}

function launch(
  binaries: PostgresBinaries,
  dataFolder: string,
  port: number,
  settings: Readonly<Record<string, string | number>>,
  account: Account | undefined,
): TetheredProcess {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawnTethered(binaries.postgres, ['-D', dataFolder, '-p', String(port), ...flags], {
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    stopSignal: 'INT',
    account,
  });
}

type Readiness = { readonly ready: true } | { readonly ready: false; readonly text: string };

async function untilReady(server: TetheredProcess, onLine: (line: string) => void): Promise<Readiness> {
  let text = '';
  let partial = '';
  const ready = new Promise<Readiness>((settle) => {
    const read = (chunk: Buffer | string): void => {
      partial += chunk.toString();
      const lines = partial.split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) {
        onLine(line);
        if (text.length < 20_000) text += `${line}\n`;
        if (line.includes('database system is ready to accept connections')) settle({ ready: true });
      }
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
  });
  return await Promise.race([ready, server.exited.then((): Readiness => ({ ready: false, text }))]);
}

function running(
  server: TetheredProcess,
  port: number,
  dataFolder: string,
  password: string,
): EmbeddedPostgres {
  return {
    port,
    dataFolder,
    exited: server.exited,
    address: (database) => `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`,
    async stop() {
      await server.stop(stopGraceMs);
    },
  };
}
