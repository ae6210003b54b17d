import { resolve } from 'node:path';
import { afterAll } from 'vitest';
import { spawnTethered, type TetheredProcess } from '#db/tether.ts';

export const projectRoot = resolve(import.meta.dirname, '../..');

const living = new Set<TetheredProcess>();
let isRegistered = false;

export interface SpawnedProcess extends TetheredProcess {
  /** Everything written so far, both streams as they came. */
  output(): string;
}

/**
 * Runs one of our programs (`worker/main.ts`, `scripts/…`) on this Node in the checkout. It ends with the test
 * file, or with this process, however that ends. `signal('SIGKILL')`, `SIGSTOP` and `SIGCONT` reach all of it.
 */
export function spawnProgram(
  script: string,
  options: { args?: readonly string[]; env?: Readonly<Record<string, string | undefined>> } = {},
): SpawnedProcess {
  const spawned = spawnTethered(process.execPath, [resolve(projectRoot, script), ...(options.args ?? [])], {
    cwd: projectRoot,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'test', ...options.env },
    stopSignal: 'TERM',
  });
  let text = '';
  spawned.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  spawned.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  living.add(spawned);
  void spawned.exited.then(() => living.delete(spawned));
  endWithFile();
  return { ...spawned, output: () => text };
}

function endWithFile(): void {
  if (isRegistered) return;
  isRegistered = true;
  afterAll(async () => {
    await Promise.all([...living].map((spawned) => spawned.stop(5_000)));
  });
}
