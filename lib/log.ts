import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { Log } from './context.ts';

// Names under which a secret could ever be handed to the logger, at the top and one and two levels down.
const secretNames = [
  'password',
  'pass',
  'secret',
  'clientSecret',
  'token',
  'accessToken',
  'refreshToken',
  'apiKey',
  'authorization',
  'cookie',
  'keys',
  'sealed',
  'passwordHash',
  'connectionString',
  'databaseUrl',
];
const redactedPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export interface LogOptions {
  readonly level: string;
  /** The process that writes: portal, worker, command line. */
  readonly name: string;
  /** Standard output unless given; written at once, so that a crash loses no line. */
  readonly destination?: DestinationStream;
}

/** JSON lines with an ISO time and the level as a word. Known secret fields are blanked whatever the caller does. */
export function createLog(options: LogOptions): Log {
  return pino(
    {
      level: options.level,
      base: { name: options.name, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[secret]' },
    },
    ...(options.destination === undefined ? [] : [options.destination]),
  );
}
