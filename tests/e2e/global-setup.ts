import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#db/loopback-port.ts';
import { processCommand } from '#db/embedded-leftover.ts';
import { spawnTethered, type TetheredProcess } from '#db/tether.ts';
import { projectRoot } from '#scripts/portal-build.ts';
import { readRunning, type Running } from '#scripts/start-lock.ts';
import { waitForLine } from '#tests/support/wait-for.ts';

const startsWithinMs = 300_000;

/** Starts Mailroom as a person would, once for all specs, and checks at the end that nothing of it is left. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'mailroom-e2e-'));
  // Run by root, Postgres has an account of its own that must be able to enter.
  await chmod(folder, 0o711);
  const dataFolder = join(folder, 'data');
  const started = spawnTethered(process.execPath, [join(projectRoot, 'scripts', 'start.ts')], {
    cwd: projectRoot,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      MAILROOM_DATA_DIR: dataFolder,
      MAILROOM_PORTAL_PORT: String(await freePort()),
      MAILROOM_INBOX_SMTP_PORT: String(await freePort()),
      // Specs start mail servers of their own.
      MAILROOM_ALLOWED_ADDRESSES: '127.0.0.1',
      LOG_LEVEL: 'warn',
    },
    stopSignal: 'TERM',
  });
  await waitForLine(started.stdout, /^Mailroom is running\.$/m, startsWithinMs);
  const running = await readRunning(dataFolder);
  if (running?.portalUrl === undefined) throw new Error('the start has not said where the portal is');
  process.env['MAILROOM_E2E'] = JSON.stringify(running);
  return async () => {
    await stop(started, running);
    await rm(folder, { recursive: true, force: true });
  };
}

async function stop(started: TetheredProcess, running: Running): Promise<void> {
  const exit = await started.stop(30_000);
  if (exit.code !== 0)
    throw new Error(`npm start ended with ${exit.code ?? exit.signal ?? 'nothing'} instead of 0`);
  if ((await processCommand(running.pid)) !== undefined) throw new Error('npm start is still running');
  const answer = await fetch(`${running.portalUrl}/api/health`).catch(() => null);
  if (answer !== null) throw new Error('the portal still answers after the stop');
}
