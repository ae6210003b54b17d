import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processCommand } from '#db/embedded-leftover.ts';
import { spawnTethered } from '#db/tether.ts';

export const projectRoot = resolve(import.meta.dirname, '..');

const nextProgram = join(projectRoot, 'node_modules', 'next', 'dist', 'bin', 'next');
const buildMark = join(projectRoot, '.next', 'mailroom-build');
const buildLock = join(projectRoot, '.tmp', 'portal-build.pid');

// Everything that the built portal is made of. A change in any of it makes a build old.
const sourceFolders = ['app', 'db', 'lib', 'public'];
const sourceFiles = [
  'next.config.ts',
  'proxy.ts',
  'postcss.config.mjs',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

export function nextCommand(...args: readonly string[]): [string, string[]] {
  return [process.execPath, [nextProgram, ...args]];
}

/** Serves the built portal on this port and address. */
export function portalServerCommand(port: string, host: string): [string, string[]] {
  return [process.execPath, [join(projectRoot, 'app', '_server', 'portal-server.ts'), port, host]];
}

/** Builds the portal unless the build that is there was made from these very sources. */
export async function ensurePortalBuilt(say: (line: string) => void): Promise<void> {
  if (await isBuilt()) return;
  const release = await takeBuildLock(say);
  try {
    if (!(await isBuilt())) await build(say);
  } finally {
    await release();
  }
}

async function isBuilt(): Promise<boolean> {
  return (await readFile(buildMark, 'utf8').catch(() => '')) === (await sourceHash());
}

/** Two builds at once would write into one folder; the second waits, and finds the first one's build. */
async function takeBuildLock(say: (line: string) => void): Promise<() => Promise<void>> {
  await mkdir(dirname(buildLock), { recursive: true });
  for (let isFirst = true; ; isFirst = false) {
    try {
      await writeFile(buildLock, String(process.pid), { flag: 'wx' });
      return () => rm(buildLock, { force: true });
    } catch {
      const holder = Number(await readFile(buildLock, 'utf8').catch(() => '0'));
      const isAlive = (await processCommand(holder))?.includes('node') === true;
      if (!isAlive) await rm(buildLock, { force: true });
      else if (isFirst) say('Waiting for another build of the portal to end …');
      if (isAlive) await pause(500);
    }
  }
}

async function build(say: (line: string) => void): Promise<void> {
  // What is built is what stands now, whatever changes in the meantime.
  const wanted = await sourceHash();
  say('Building the portal (once per version, about a minute) …');
  const [command, args] = nextCommand('build');
  const program = spawnTethered(command, args, {
    cwd: projectRoot,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stopSignal: 'TERM',
  });
  let text = '';
  program.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  program.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const { code } = await program.exited;
  if (code !== 0) throw new Error(`The portal could not be built:\n${text.trim()}`);
  await writeFile(buildMark, wanted);
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  const paths = [...sourceFiles];
  for (const folder of sourceFolders) {
    const entries = await readdir(join(projectRoot, folder), { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    paths.push(
      ...entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)),
    );
  }
  for (const path of paths.toSorted()) {
    hash.update(path.replace(projectRoot, '')).update('\0');
    hash.update(await readFile(resolve(projectRoot, path)).catch(() => '')).update('\0');
  }
  return hash.digest('hex');
}
