import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Endings } from './endings.ts';
import type { FaultPostgres } from './postgres.ts';

/** A Postgres whose disk can be filled. */
export interface SmallDiskPostgres extends Pick<FaultPostgres, 'address'> {
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** Whether this machine lets us have a file system of our own: root may, in a mount namespace. */
export function canHaveSmallDisk(): boolean {
  return (
    process.getuid?.() === 0 &&
    spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
  );
}

const started = z.object({ event: z.literal('started'), address: z.string() });

/** Starts a Postgres on a file system of 300 MB, which only it and its program can see. */
export async function startSmallDiskPostgres(home: string, endings: Endings): Promise<SmallDiskPostgres> {
  const folder = await mkdtemp(join(home, 'small-disk-'));
  const program = fork(resolve(import.meta.dirname, 'small-disk-program.ts'), [folder], {
    execPath: 'unshare',
    execArgv: ['-m', process.execPath],
  });
  const ended = once(program, 'exit');
  endings.add(async () => {
    if (program.connected) program.disconnect();
    await ended;
  });
  const next = async (): Promise<unknown> => {
    const [message]: unknown[] = await Promise.race([once(program, 'message'), ended]);
    if (program.exitCode !== null) throw new Error('Postgres on a small disk did not start');
    return message;
  };
  const { address } = started.parse(await next());
  const ask = async (what: 'fill' | 'free'): Promise<void> => {
    const done = next();
    program.send(what);
    await done;
  };
  return {
    address: (database) => address.replace('%s', database),
    fill: () => ask('fill'),
    free: () => ask('free'),
  };
}
