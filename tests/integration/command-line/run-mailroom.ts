import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { projectRoot } from '#tests/support/processes.ts';
import { programEnvironment } from '#tests/support/program-environment.ts';

export interface Ran {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npm run mailroom -- …` as a program of its own, and waits for its end. */
export async function runMailroom(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  input = '',
): Promise<Ran> {
  const child = spawn(process.execPath, [resolve(projectRoot, 'scripts/mailroom.ts'), ...args], {
    cwd: projectRoot,
    env: { ...programEnvironment, NODE_ENV: 'test', ...env },
  });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}
