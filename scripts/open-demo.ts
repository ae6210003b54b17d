import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '#lib/env.ts';
import { serveInbox } from '#lib/inbox/serve-inbox.ts';
import type { DemoServers } from './prepare-first-use.ts';
import { standInHost, startStandIns } from './stand-ins.ts';
import { settlePort } from './start-options.ts';
import type { Teardown } from './teardown.ts';

export interface OpenedDemo {
  readonly inboxFolder: string;
  readonly inboxPort: number;
  /** Resolves when every server listens. */
  readonly servers: Promise<DemoServers>;
}

export interface DemoOptions {
  readonly portalUrl: string;
  readonly say: (line: string) => void;
}

/** Opens the built-in inbox, and beside it the stand-ins for Microsoft and Exchange, which take a second. */
export async function openDemo(
  environment: Environment,
  { portalUrl, say }: DemoOptions,
  teardown: Teardown,
): Promise<OpenedDemo> {
  const { dataFolder } = environment;
  const inboxFolder = join(dataFolder, 'inbox');
  await mkdir(inboxFolder, { recursive: true });
  const standIns = await startStandIns({ dataFolder, inboxFolder, portalUrl, say });
  teardown.add(() => standIns.stop());
  const { port: inboxPort, earlierPort } = await openInbox(environment, inboxFolder, teardown, say);
  const servers = standIns.ready.then((running) => ({
    inboxPort,
    earlierInboxPort: earlierPort,
    standIns: running,
  }));
  return { inboxFolder, inboxPort, servers };
}

async function openInbox(
  environment: Environment,
  folder: string,
  teardown: Teardown,
  say: (line: string) => void,
): Promise<{ readonly port: number; readonly earlierPort: number | null }> {
  const portFile = join(environment.dataFolder, 'inbox-port');
  // The demo's mail settings name the port of the first start.
  const kept = Number(await readFile(portFile, 'utf8').catch(() => '0'));
  const earlier = kept === 0 ? null : kept;
  const port = await settlePort(
    {
      subject: 'The inbox',
      variable: 'MAILROOM_INBOX_SMTP_PORT',
      chosen: environment.inboxSmtpPort,
      usual: earlier ?? 2525,
      host: standInHost,
    },
    say,
  );
  const server = await serveInbox({ folder, port, maxMessageBytes: environment.maxMessageBytes * 2 });
  teardown.add(() => server.close());
  await writeFile(portFile, String(port));
  return { port, earlierPort: earlier };
}

/** What the demo's projects must be allowed to reach, each with its port. */
export function demoAddresses({ inboxPort, standIns }: DemoServers): string[] {
  const ports = [inboxPort, ...(standIns === null ? [] : Object.values(standIns.now.ports))];
  return ports.map((port) => `${standInHost}:${port}`);
}
