import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startEmbeddedPostgres } from '#db/embedded.ts';
import { ensureDatabase, migrateDatabase } from '#db/migrate.ts';
import { type Environment, readServiceEnvironment, type ServiceEnvironment } from '#lib/env.ts';
import { openServices } from '#lib/services.ts';
import { keptKeys } from './kept-keys.ts';
import { workerArguments } from '#worker/launch.ts';
import { ensurePortalBuilt, nextCommand, portalServerCommand } from './portal-build.ts';
import { demoAddresses, openDemo } from './open-demo.ts';
import { type DemoServers, type FirstSteps, prepareFirstUse } from './prepare-first-use.ts';
import { keepService } from './keep-service.ts';
import { takeStartLock } from './start-lock.ts';
import { settlePort, StartError } from './start-options.ts';
import type { Teardown } from './teardown.ts';

export interface StartOptions {
  /** Serves the pages from source and restarts the worker at every change. */
  readonly isDevelopment: boolean;
  readonly say: (line: string) => void;
}

export interface StartedMailroom {
  /** Resolves with a sentence when something that must run has ended for good. */
  readonly failed: Promise<string>;
}

const databaseName = 'mailroom';
const portalAnswersWithinMs = 60_000;
const stopGraceMs = 15_000;

/** Opens everything in order; `teardown` learns of each part as soon as it runs. */
export async function startMailroom(
  environment: Environment,
  options: StartOptions,
  teardown: Teardown,
): Promise<StartedMailroom> {
  const { say } = options;
  const lock = await takeStartLock(environment.dataFolder);
  teardown.add(() => lock.release());
  const portalPort = await settlePort(
    {
      subject: 'The portal',
      variable: 'MAILROOM_PORTAL_PORT',
      chosen: environment.portalPort,
      usual: 3000,
      host: environment.portalHost,
    },
    say,
  );
  const portalUrl = environment.portalUrl ?? `http://localhost:${portalPort}`;
  const demo = environment.isDemo ? await openDemo(environment, { portalUrl, say }, teardown) : null;
  const postgres = await openPostgres(environment, teardown, say);
  await migrateDatabase(postgres.directAddress, say);
  if (!options.isDevelopment) await ensurePortalBuilt(say);
  const servers = demo === null ? null : await demo.servers;
  const places = { portalPort, portalUrl, inboxFolder: demo?.inboxFolder, servers };
  const serviceVariables = await variablesForServices(environment, postgres, places);
  const serviceEnvironment = readServiceEnvironment(serviceVariables);
  const firstSteps = await firstUse(serviceEnvironment, servers, say);
  const services = await openServicesOf(serviceEnvironment, serviceVariables, options, teardown);
  await lock.update({
    portalUrl,
    databaseUrl: postgres.address,
    ...(servers === null ? {} : { inboxPort: servers.inboxPort }),
    ...(firstSteps.signIn === null ? {} : { signIn: firstSteps.signIn }),
  });
  const logFolder = join(environment.dataFolder, 'logs');
  for (const line of banner({ portalUrl, logFolder }, servers, firstSteps)) say(line);
  return { failed: Promise.race([services.failed, postgres.failed]) };
}

interface OpenedPostgres {
  readonly address: string;
  readonly directAddress: string;
  readonly failed: Promise<string>;
}

async function openPostgres(
  environment: Environment,
  teardown: Teardown,
  say: (line: string) => void,
): Promise<OpenedPostgres> {
  if (environment.databaseUrl !== null) {
    const direct = environment.databaseDirectUrl ?? environment.databaseUrl;
    return { address: environment.databaseUrl, directAddress: direct, failed: new Promise(() => undefined) };
  }
  const folder = join(environment.dataFolder, 'postgres');
  const logFile = join(environment.dataFolder, 'logs', 'postgres.log');
  await mkdir(join(environment.dataFolder, 'logs'), { recursive: true });
  const server = await startEmbeddedPostgres({
    folder,
    onLine: (line) => void appendFile(logFile, `${line}\n`),
  });
  teardown.add(() => server.stop());
  if (!server.dataFolder.startsWith(folder)) {
    say(
      `The account that runs Postgres cannot enter this folder, so the database lies in ${server.dataFolder}.`,
    );
  }
  await ensureDatabase(server.address('postgres'), databaseName);
  const address = server.address(databaseName);
  const failed = server.exited.then(() => `Postgres has ended by itself; its words are in ${logFile}.`);
  return { address, directAddress: address, failed };
}

interface ServicePlaces {
  readonly portalPort: number;
  readonly portalUrl: string;
  readonly inboxFolder: string | undefined;
  readonly servers: DemoServers | null;
}

async function variablesForServices(
  environment: Environment,
  postgres: OpenedPostgres,
  { portalPort, portalUrl, inboxFolder, servers }: ServicePlaces,
): Promise<Record<string, string | undefined>> {
  const kept =
    environment.keys === null || environment.sessionSecret === null
      ? await keptKeys(environment.dataFolder)
      : null;
  const allowed = [...environment.allowedAddresses, ...(servers === null ? [] : demoAddresses(servers))];
  return {
    ...process.env,
    DATABASE_URL: postgres.address,
    DATABASE_DIRECT_URL: postgres.directAddress,
    MAILROOM_DATA_DIR: environment.dataFolder,
    MAILROOM_KEYS: environment.keys ?? kept?.keys,
    NEXTAUTH_SECRET: environment.sessionSecret ?? kept?.sessionSecret,
    NEXTAUTH_URL: portalUrl,
    MAILROOM_PORTAL_PORT: String(portalPort),
    MAILROOM_PORTAL_URL: portalUrl,
    MAILROOM_ALLOWED_ADDRESSES: allowed.join(','),
    MAILROOM_INBOX_DIR: inboxFolder,
    // Below the time after which its services are ended.
    MAILROOM_STOP_WITHIN_SECONDS: process.env['MAILROOM_STOP_WITHIN_SECONDS'] ?? '8',
  };
}

async function firstUse(
  environment: ServiceEnvironment,
  demo: DemoServers | null,
  say: (line: string) => void,
): Promise<FirstSteps> {
  const services = openServices(environment, { name: 'start' });
  try {
    return await prepareFirstUse(services, {
      dataFolder: environment.dataFolder,
      demo,
      say,
    });
  } finally {
    await services.database.close();
  }
}

async function openServicesOf(
  environment: ServiceEnvironment,
  variables: Readonly<Record<string, string | undefined>>,
  options: StartOptions,
  teardown: Teardown,
): Promise<{ readonly failed: Promise<string> }> {
  const { isDevelopment, say } = options;
  const mode = isDevelopment ? 'development' : 'production';
  const env = { ...variables, NODE_ENV: mode, NEXT_TELEMETRY_DISABLED: '1' };
  const logFolder = join(environment.dataFolder, 'logs');
  const port = String(environment.portalPort ?? 3000);
  const [command, args] = isDevelopment
    ? nextCommand('dev', '-p', port, '-H', environment.portalHost)
    : portalServerCommand(port, environment.portalHost);
  const workerArgs = [...(isDevelopment ? ['--watch'] : []), ...workerArguments];
  const worker = await keepService({
    name: 'worker',
    command: process.execPath,
    args: workerArgs,
    env,
    logFolder,
    print: say,
  });
  const portal = await keepService({ name: 'portal', command, args, env, logFolder, print: say });
  teardown.add(async () => {
    await Promise.all([portal.stop(stopGraceMs), worker.stop(stopGraceMs)]);
  });
  const failed = Promise.race([portal.failed, worker.failed]);
  const answered = await Promise.race([portalAnswers(environment), failed]);
  if (answered !== true) throw new StartError(answered);
  return { failed };
}

async function portalAnswers(environment: ServiceEnvironment): Promise<true> {
  const host = environment.portalHost === '0.0.0.0' ? '127.0.0.1' : environment.portalHost;
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${environment.portalPort}/api/health`;
  const deadline = performance.now() + portalAnswersWithinMs;
  while (performance.now() < deadline) {
    const response = await fetch(address).catch(() => null);
    if (response?.ok === true) return true;
    await pause(100);
  }
  throw new StartError(`The portal has not answered at ${address} within a minute.`);
}

function banner(
  { portalUrl, logFolder }: { readonly portalUrl: string; readonly logFolder: string },
  servers: DemoServers | null,
  firstSteps: FirstSteps,
): string[] {
  const facts: [string, string][] = [['Portal', portalUrl]];
  if (firstSteps.signIn !== null) {
    facts.push(['Sign in', `${firstSteps.signIn.email} with the password ${firstSteps.signIn.password}`]);
  }
  if (firstSteps.setupLink !== null) facts.push(['First owner', firstSteps.setupLink]);
  if (servers !== null) facts.push(['Inbox', `${portalUrl}/inbox (SMTP on 127.0.0.1:${servers.inboxPort})`]);
  const ports = servers?.standIns?.now.ports;
  if (ports !== undefined) {
    const { graph, exchange, signIn, smtp } = ports;
    facts.push([
      'Stand-ins',
      `on 127.0.0.1: sign-in ${signIn}, Microsoft Graph ${graph}, Exchange ${exchange}, SMTP with OAuth ${smtp}`,
    ]);
  }
  facts.push(['Logs', logFolder], ['Stop', 'Ctrl-C']);
  const lines = facts.map(([name, value]) => `  ${name.padEnd(12)} ${value}`);
  return ['', 'Mailroom is running.', ...lines, ''];
}
