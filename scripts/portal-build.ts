import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { spawnTethered } from '#db/tether.ts';

export const projectRoot = resolve(import.meta.dirname, '..');

const nextProgram = join(projectRoot, 'node_modules', 'next', 'dist', 'bin', 'next');
const buildMark = join(projectRoot, '.next', 'mailroom-build');

// Everything that the built portal is made of. A change in any of it makes a build old.
const sourceFolders = ['app', 'db', 'lib', 'public'];
const sourceFiles = [
  'next.config.ts',
  'postcss.config.mjs',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

export function nextCommand(...args: readonly string[]): [string, string[]] {
  return [process.execPath, [nextProgram, ...args]];
}

/** Builds the portal unless the build that is there was made from these very sources. */
export async function ensurePortalBuilt(say: (line: string) => void): Promise<void> {
  const wanted = await sourceHash();
  const built = await readFile(buildMark, 'utf8').catch(() => '');
  if (built === wanted) return;
  say('Building the portal (once per version, about a minute) …');
  const [command, args] = nextCommand('build');
  const build = spawnTethered(command, args, {
    cwd: projectRoot,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stopSignal: 'TERM',
  });
  let text = '';
  build.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  build.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const { code } = await build.exited;
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
