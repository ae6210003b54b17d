import { randomBytes } from 'node:crypto';
import type { Database } from '#db/client.ts';
import { systemClock } from '#lib/clock.ts';
import type { Context } from '#lib/context.ts';
import { createLog } from '#lib/log.ts';
import { createKeyring } from '#lib/secrets/keyring.ts';

/** The operator's context in an organization of a bench database. */
export function benchContext(database: Database, organizationId: string): Context {
  return {
    database,
    clock: systemClock,
    log: createLog({ level: 'warn', name: 'bench' }),
    keyring: createKeyring(`bench:${randomBytes(32).toString('base64')}`),
    settings: {
      portalUrl: 'http://127.0.0.1:3000',
      ehloName: 'bench.test',
      allowedAddresses: [],
      maxMessageBytes: 36_700_160,
    },
    organizationId,
    actor: { kind: 'operator', label: 'bench' },
    source: { ip: null, userAgent: null },
  };
}
