import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processCommand } from '#db/embedded-leftover.ts';
import { spawnTethered } from '#db/tether.ts';
import { projectRoot } from '#tests/support/processes.ts';
import { waitForLine, waitUntil } from '#tests/support/wait-for.ts';

const stubborn = ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")'];

test('a program ends when its parent is killed outright', async () => {
  const parent = spawn(process.execPath, [join(projectRoot, 'tests/integration/scripts/tether-program.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [, group] = await waitForLine(parent.stdout, /group (\d+)/);
  expect(await processCommand(Number(group))).toContain('sleep');
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await waitUntil('the program has ended', async () => (await processCommand(Number(group))) === undefined);
});

test('the exit code of the program is the exit code of its process', async () => {
  const program = spawnTethered(process.execPath, ['-e', 'process.exit(7)'], { stopSignal: 'TERM' });
  expect(await program.exited).toEqual({ code: 7, signal: null });
});

test('a program that does not heed the request to end is killed after the grace', async () => {
  const program = spawnTethered(process.execPath, stubborn, { stopSignal: 'TERM' });
  await waitForLine(program.stdout, /up/);
  expect(await program.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await processCommand(program.pid)).toBeUndefined();
});

test('a signal reaches the program behind the shell', async () => {
  const report =
    'process.on("SIGUSR2", () => { console.log("heard"); process.exit(0); }); setInterval(() => {}, 1000); console.log("up")';
  const program = spawnTethered(
    '/bin/sh',
    ['-c', 'trap "" USR2; exec "$@"', 'sh', process.execPath, '-e', report],
    {
      stopSignal: 'TERM',
    },
  );
  await waitForLine(program.stdout, /up/);
  const heard = waitForLine(program.stdout, /heard/);
  program.signal('SIGCONT');
  program.signal('SIGUSR2');
  await heard;
  await program.exited;
});
