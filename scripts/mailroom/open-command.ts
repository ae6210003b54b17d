import { userInfo } from 'node:os';
import { asOwner } from '#db/client.ts';
import type { Context, Services } from '#lib/context.ts';
import {
  EnvironmentError,
  readEnvironment,
  readServiceEnvironment,
  type ServiceEnvironment,
} from '#lib/env.ts';
import { DomainError } from '#lib/errors.ts';
import { createLog } from '#lib/log.ts';
import { openOperatorContext } from '#lib/organizations/open-operator-context.ts';
import { openServices } from '#lib/services.ts';
import { keptKeys } from '../kept-keys.ts';
import { readRunning } from '../start-lock.ts';

/** What every command has: services, and the operator's name for the histories. */
export interface Command {
  readonly services: Services;
  readonly operator: string;
}

/** Opens the database of the environment, or of the `npm start` that runs in this folder. End it with `close`. */
export async function openCommand(
  source: Readonly<Record<string, string | undefined>>,
): Promise<Command & { close(): Promise<void> }> {
  const environment = await environmentOf(source);
  const services: Services = {
    ...openServices(environment, { name: 'command' }),
    // Standard output is the answer, so what is logged goes beside it.
    log: createLog({
      level: 'warn',
      name: 'command',
      destination: { write: (line) => process.stderr.write(line) },
    }),
  };
  return { services, operator: operatorName(), close: () => services.database.close() };
}

async function environmentOf(
  source: Readonly<Record<string, string | undefined>>,
): Promise<ServiceEnvironment> {
  const environment = readEnvironment(source);
  if (environment.databaseUrl !== null) return readServiceEnvironment(source);
  const running = await readRunning(environment.dataFolder);
  if (running?.databaseUrl === undefined) {
    throw new EnvironmentError([
      'Mailroom does not run in this folder and DATABASE_URL is not set. Start it with "npm start", or set DATABASE_URL and MAILROOM_KEYS.',
    ]);
  }
  const inbox = running.inboxPort === undefined ? [] : [`127.0.0.1:${running.inboxPort}`];
  return readServiceEnvironment({
    ...source,
    DATABASE_URL: running.databaseUrl,
    MAILROOM_KEYS: environment.keys ?? (await keptKeys(environment.dataFolder)).keys,
    MAILROOM_PORTAL_URL: environment.portalUrl ?? running.portalUrl,
    MAILROOM_ALLOWED_ADDRESSES: [...environment.allowedAddresses, ...inbox].join(','),
  });
}

/** The operator's context in the organization that was named, or in the only one there is. */
export async function openContext(command: Command, organization: string | undefined): Promise<Context> {
  return openOperatorContext(command.services, {
    organization: organization ?? (await onlyOrganization(command.services)),
    label: command.operator,
  });
}

async function onlyOrganization(services: Services): Promise<string> {
  const { rows } = await asOwner(services.database, (tx) =>
    tx.query<{ slug: string }>('select slug from mailroom.organizations order by slug limit 20'),
  );
  const [first, ...others] = rows;
  if (first === undefined) {
    throw new DomainError('not_found', 'There is no organization yet. Make one with create-organization.');
  }
  if (others.length === 0) return first.slug;
  const names = rows.map(({ slug }) => slug).join(', ');
  throw new DomainError('invalid_input', `Name the organization with --organization: ${names}.`);
}

// Some containers run under a number that has no name.
function operatorName(): string {
  try {
    return `${userInfo().username} (command line)`;
  } catch {
    return 'command line';
  }
}
