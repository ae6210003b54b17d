export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** One variable of the environment, as the README lists it. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly meaning: string;
  /** What holds when it is not set, in words. */
  readonly fallback: string;
}

/** Every variable that Mailroom reads, in the order of the README's table. */
export const environmentVariables: readonly EnvironmentVariable[] = [
  {
    name: 'DATABASE_URL',
    meaning:
      'Postgres 15 or newer, as postgres://user:password@host:5432/database. A pooler in transaction mode will do.',
    fallback: 'the embedded Postgres, with `npm start` only',
  },
  {
    name: 'DATABASE_DIRECT_URL',
    meaning: 'The same Postgres without a pooler, for migrations and for waking the worker.',
    fallback: '`DATABASE_URL`',
  },
  {
    name: 'MAILROOM_DATABASE_CONNECTIONS',
    meaning: 'Connections that each process keeps at most, 2 to 500.',
    fallback: '10',
  },
  {
    name: 'MAILROOM_DATA_DIR',
    meaning: 'Folder of the embedded Postgres, the generated keys and the built-in inbox.',
    fallback: '`.data`',
  },
  {
    name: 'MAILROOM_PORTAL_PORT',
    meaning: 'Port of the portal. `PORT` is read when this is not set.',
    fallback: '3000, or the next free one',
  },
  {
    name: 'PORT',
    meaning: 'Port of the portal where a host sets it so.',
    fallback: '`MAILROOM_PORTAL_PORT`',
  },
  {
    name: 'MAILROOM_PORTAL_HOST',
    meaning: 'Address that the portal listens on; 0.0.0.0 for every network.',
    fallback: '127.0.0.1',
  },
  {
    name: 'MAILROOM_PORTAL_URL',
    meaning: 'Public address of the portal, for links and redirects.',
    fallback: 'http://localhost with the port',
  },
  {
    name: 'MAILROOM_BEHIND_PROXY',
    meaning:
      '`on` where a proxy of yours stands before the portal: the last entries of X-Forwarded-For and X-Forwarded-Host are then believed.',
    fallback: '`off`: the connection itself says who calls',
  },
  {
    name: 'MAILROOM_KEYS',
    meaning:
      'Keys that seal secrets, as `id:key,id:key`, each 32 bytes in base64. The first seals, all of them open.',
    fallback: 'generated into `.data/keys.json` by `npm start`',
  },
  {
    name: 'NEXTAUTH_SECRET',
    meaning: 'Secret that signs sessions, at least 32 characters.',
    fallback: 'generated into `.data/keys.json` by `npm start`',
  },
  {
    name: 'MAILROOM_ALLOWED_ADDRESSES',
    meaning:
      'Private addresses that mail servers and proxies may have: networks, addresses or host names, each with an optional port, separated by commas.',
    fallback: 'none',
  },
  {
    name: 'MAILROOM_EHLO_NAME',
    meaning: 'Name that the worker gives to mail servers.',
    fallback: 'the name of the machine',
  },
  {
    name: 'MAILROOM_MAX_MESSAGE_BYTES',
    meaning: 'Largest finished message that is accepted, in bytes.',
    fallback: '36700160 (35 MiB)',
  },
  {
    name: 'MAILROOM_WORKER_CONCURRENCY',
    meaning: 'Lanes that one worker drives at a time, 1 to 256.',
    fallback: '16',
  },
  {
    name: 'MAILROOM_STOP_WITHIN_SECONDS',
    meaning:
      'How long a worker that is asked to stop (SIGTERM) may finish the mails under way, 1 to 3600. Give it less than your process manager waits before it kills.',
    fallback: '25',
  },
  {
    name: 'MAILROOM_DEMO',
    meaning:
      '`on` or `off`: the demo organization, the built-in inbox and the stand-ins for Microsoft and Exchange of `npm start`.',
    fallback: '`on`',
  },
  {
    name: 'MAILROOM_INBOX_SMTP_PORT',
    meaning: 'Port of the built-in inbox.',
    fallback: '2525, or the next free one',
  },
  {
    name: 'MAILROOM_INBOX_DIR',
    meaning: 'Folder of the built-in inbox that the portal shows; `npm start` sets it.',
    fallback: 'no inbox is shown',
  },
  {
    name: 'LOG_LEVEL',
    meaning: `Least level that is logged: ${logLevels.join(', ')}.`,
    fallback: 'info',
  },
];
