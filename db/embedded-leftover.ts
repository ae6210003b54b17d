import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const endWithinMs = 20_000;

/**
 * Clears what a killed start may have left in a data folder: a Postgres that still runs is asked to end, and a
 * lock file whose process is another program by now is removed. A lock file whose process is gone needs nothing.
 */
export async function endLeftover(dataFolder: string): Promise<void> {
  const lockFile = join(dataFolder, 'postmaster.pid');
  const lines = (await readFile(lockFile, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const command = await processCommand(pid);
  if (command === undefined) return;
  if (!command.includes('postgres') || !command.includes(dataFolder)) {
    await rm(lockFile, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  const deadline = performance.now() + endWithinMs;
  while ((await processCommand(pid)) !== undefined) {
    if (performance.now() > deadline) {
      throw new Error(
        `A Postgres that an earlier start left behind (process ${pid}) does not end. End it, then start again.`,
      );
    }
    await wait(50);
  }
}

/** The command line of a living process, or undefined when there is none (a zombie counts as none). */
export async function processCommand(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return line === '' ? undefined : line.replaceAll('\0', ' ').trim();
  }
  const found = spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}
