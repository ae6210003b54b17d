import { randomBytes } from 'node:crypto';
import { type ProcessExit, spawnTethered } from '#db/tether.ts';
import { portalServerCommand, projectRoot } from '#scripts/portal-build.ts';
import { testKeys } from '#tests/support/factories.ts';
import { freePort } from '#tests/support/free-port.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { Endings } from './endings.ts';

/** A portal in a process of its own, built and served as in production. */
export interface PortalProcess {
  readonly port: number;
  readonly exited: Promise<ProcessExit>;
  signal(signal: NodeJS.Signals): void;
}

const sessionSecret = randomBytes(32).toString('hex');

/** Starts a portal, which must be built, on a port, or a free one; resolves when it answers. */
export async function startPortal(
  databaseUrl: string,
  endings: Endings,
  port?: number,
): Promise<PortalProcess> {
  const own = port ?? (await freePort());
  const [command, args] = portalServerCommand(String(own), '127.0.0.1');
  const child = spawnTethered(command, args, {
    cwd: projectRoot,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      DATABASE_URL: databaseUrl,
      MAILROOM_KEYS: testKeys,
      NEXTAUTH_SECRET: sessionSecret,
      NEXTAUTH_URL: `http://127.0.0.1:${own}`,
      MAILROOM_PORTAL_URL: `http://127.0.0.1:${own}`,
      MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8',
      LOG_LEVEL: 'warn',
    },
    stopSignal: 'TERM',
  });
  child.stdout.resume();
  child.stderr.resume();
  endings.add(() => child.stop(10_000));
  await waitUntil(
    'an answering portal',
    () =>
      fetch(`http://127.0.0.1:${own}/api/health`)
        .then(({ ok }) => ok)
        .catch(() => false),
    { withinMs: 60_000, everyMs: 100 },
  );
  return { port: own, exited: child.exited, signal: (name) => child.signal(name) };
}
