// Runs before every npm script that needs the packages: plain JavaScript, on whatever Node the host has, with
// nothing installed. It installs when node_modules is missing or is not what the lockfile asks for.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lockFile = join(root, 'package-lock.json');
const installedList = join(root, 'node_modules', '.package-lock.json');
const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node');

function say(line) {
  process.stdout.write(`${line}\n`);
}

function npm(...args) {
  // npm names itself to its scripts; the plain name is for a run without npm.
  const cli = process.env['npm_execpath'];
  const known = cli !== undefined && /\.c?js$/.test(cli);
  const result = spawnSync(known ? process.execPath : 'npm', [...(known ? [cli] : []), ...args], {
    cwd: root,
    stdio: 'inherit',
    // A production environment would leave out what the build and the tests need.
    env: { ...process.env, NODE_ENV: '' },
  });
  return result.status === 0;
}

/** Whether what npm says it has installed is what the lockfile asks for. Dates would lie after a checkout. */
function isCurrent() {
  if (!existsSync(installedList) || !existsSync(pinnedNode)) return false;
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedList, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    // Packages for other machines are in the lockfile and not here.
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version;
  });
}

function ensurePinnedNode() {
  if (existsSync(pinnedNode)) return true;
  // A policy against install scripts has skipped the one that fetches the pinned Node: run it by hand.
  const folder = join(root, 'node_modules', 'node');
  spawnSync(process.execPath, ['installArchSpecificPackage.js'], { cwd: folder, stdio: 'inherit' });
  return existsSync(pinnedNode);
}

if (!isCurrent()) {
  say('Installing packages (first start, or the lockfile has changed) …');
  // Not `npm ci`: it refuses a lockfile whose author's registry had no packages for some other platform. This takes the
  // locked versions all the same, and without saving it leaves the lockfile as it is.
  if (!npm('install', '--no-save', '--no-progress', '--loglevel=error')) {
    say('The packages could not be installed. Check the connection to the npm registry, then start again.');
    process.exit(1);
  }
  if (!ensurePinnedNode()) {
    say(
      'The npm package "node" has no Node 24 for this machine. Install Node 24 or newer, then start again.',
    );
    process.exit(1);
  }
}
