import { createDatabase } from '#db/client.ts';
import { systemClock } from './clock.ts';
import type { Services } from './context.ts';
import type { ServiceEnvironment } from './env.ts';
import { createLog } from './log.ts';
import { createKeyring } from './secrets/keyring.ts';

export interface ServiceOptions {
  /** The process in log lines and in pg_stat_activity: portal, worker, command line. */
  readonly name: string;
  /** For pages only: ends a statement after so long, never one of the drain. */
  readonly statementTimeoutMs?: number;
  /** Gives a connection up that has not answered for so long. */
  readonly answerTimeoutMs?: number;
}

/** What a process makes once at its start and hands to every verb. End it with `database.close()`. */
export function openServices(environment: ServiceEnvironment, options: ServiceOptions): Services {
  return {
    database: createDatabase({
      connectionString: environment.databaseUrl,
      maxConnections: environment.databaseConnections,
      applicationName: `mailroom-${options.name}`,
      // An address of its own for direct connections says that a pooler stands behind the other.
      isPooled: environment.databaseUrl !== environment.databaseDirectUrl,
      ...(options.statementTimeoutMs === undefined ? {} : { statementTimeoutMs: options.statementTimeoutMs }),
      ...(options.answerTimeoutMs === undefined ? {} : { answerTimeoutMs: options.answerTimeoutMs }),
    }),
    clock: systemClock,
    log: createLog({ level: environment.logLevel, name: options.name }),
    keyring: createKeyring(environment.keys),
    settings: {
      portalUrl: environment.portalUrl,
      ehloName: environment.ehloName,
      allowedAddresses: environment.allowedAddresses,
      maxMessageBytes: environment.maxMessageBytes,
    },
  };
}
