import { createDatabase, withTenant } from '#db/client.ts';
import { systemClock } from '#lib/clock.ts';
import { createTokenSource } from '#lib/oauth/token-vault.ts';
import { createKeyring } from '#lib/secrets/keyring.ts';
import { openMailSettings } from '#lib/settings/open-mail-settings.ts';

/** A process of its own that asks for one token and prints what it got: "asking", then the answer as JSON. */
const [connectionString = '', keys = '', organizationId = '', projectId = ''] = process.argv.slice(2);
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const services = {
  database: createDatabase({ connectionString, maxConnections: 2 }),
  clock: systemClock,
  log: silent,
  keyring: createKeyring(keys),
  settings: {
    portalUrl: 'http://localhost:3000',
    ehloName: 'worker.test',
    allowedAddresses: ['127.0.0.0/8', '::1'],
    maxMessageBytes: 1_000_000,
  },
};
const opened = await withTenant(services.database, { organizationId, userId: null }, (tx) =>
  openMailSettings(tx, services.keyring, { organizationId, projectId, version: 1 }),
);
const source = createTokenSource(services, { organizationId, projectId }, opened);
process.stdout.write('asking\n');
const answer = await source?.accessToken(null, new AbortController().signal);
process.stdout.write(`answer ${JSON.stringify(answer)}\n`);
await services.database.close();
