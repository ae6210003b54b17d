import { resolve } from 'node:path';
import { spawnTethered, type TetheredProcess } from '#db/tether.ts';
import { endWithFile } from '#tests/support/file-endings.ts';
import { programEnvironment } from '#tests/support/program-environment.ts';

export const projectRoot = resolve(import.meta.dirname, '../..');

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
    env: { ...programEnvironment, NODE_ENV: 'test', ...options.env },
    stopSignal: 'TERM',
  });
  let text = '';
  spawned.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  spawned.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  endWithFile(() => spawned.stop(5_000));
  return { ...spawned, output: () => text };
}
