import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { logLevels } from './env-variables.ts';
import { createKeyring } from './secrets/keyring.ts';
import { createAddressGuard } from './transports/address-guard.ts';

const postgresAddress = z
  .string()
  .refine(isPostgresAddress, 'must be an address such as postgres://user:password@host:5432/mailroom');
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number from 1 to 65535')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'must be a port number from 1 to 65535');
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);
const webAddress = z
  .string()
  .refine(isWebAddress, 'must be an address such as https://mail.example.com, without a path')
  .transform((text) => text.replace(/\/+$/, ''));
const hostName = z
  .string()
  .regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,252}[a-zA-Z0-9])?$/, 'must be a host name such as mail.example.com');
const defaultMaxMessageBytes = 36_700_160;

const schema = z.object({
  DATABASE_URL: postgresAddress.optional(),
  DATABASE_DIRECT_URL: postgresAddress.optional(),
  MAILROOM_DATABASE_CONNECTIONS: whole(2, 500).default(10),
  MAILROOM_DATA_DIR: z.string().default('.data'),
  PORT: port.optional(),
  MAILROOM_PORTAL_PORT: port.optional(),
  MAILROOM_PORTAL_HOST: z
    .string()
    .regex(/^[a-zA-Z0-9.:-]{1,255}$/, 'must be an address to listen on, such as 127.0.0.1 or 0.0.0.0')
    .default('127.0.0.1'),
  MAILROOM_PORTAL_URL: webAddress.optional(),
  MAILROOM_BEHIND_PROXY: z
    .enum(['on', 'off'], 'must be "on" or "off"')
    .transform((text) => text === 'on')
    .default(false),
  MAILROOM_KEYS: z
    .string()
    .refine(isKeyring, 'must be a list such as "main:KEY", each KEY being 32 bytes in base64')
    .optional(),
  NEXTAUTH_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  MAILROOM_ALLOWED_ADDRESSES: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((entry) => entry !== ''))
    .refine(
      isAllowList,
      'must be a list of networks, addresses or host names, such as "10.1.0.0/16, relay.intern:25"',
    )
    .default([]),
  MAILROOM_EHLO_NAME: hostName.optional(),
  MAILROOM_MAX_MESSAGE_BYTES: whole(65_536, 157_286_400).default(defaultMaxMessageBytes),
  MAILROOM_WORKER_CONCURRENCY: whole(1, 256).default(16),
  MAILROOM_STOP_WITHIN_SECONDS: whole(1, 3600).default(25),
  MAILROOM_DEMO: z
    .enum(['on', 'off'], 'must be "on" or "off"')
    .transform((text) => text === 'on')
    .default(true),
  MAILROOM_INBOX_SMTP_PORT: port.optional(),
  MAILROOM_INBOX_DIR: z.string().optional(),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
});

/** The names that are read, for the test that holds the README's table to them. */
export const environmentNames: readonly string[] = Object.keys(schema.shape);

export interface Environment {
  readonly databaseUrl: string | null;
  readonly databaseDirectUrl: string | null;
  readonly databaseConnections: number;
  /** Absolute. */
  readonly dataFolder: string;
  /** Null: not chosen, so the next free one will do. */
  readonly portalPort: number | null;
  readonly portalHost: string;
  /** Whether a proxy of the operator's own stands before the portal and tells who calls. */
  readonly isBehindProxy: boolean;
  /** Without a trailing slash; null when nobody has said it. */
  readonly portalUrl: string | null;
  readonly keys: string | null;
  readonly sessionSecret: string | null;
  readonly allowedAddresses: readonly string[];
  readonly ehloName: string;
  readonly maxMessageBytes: number;
  readonly workerConcurrency: number;
  /** How long mails under way may take when the worker is asked to stop. */
  readonly stopWithinMs: number;
  readonly isDemo: boolean;
  readonly inboxSmtpPort: number | null;
  readonly inboxFolder: string | null;
  readonly logLevel: (typeof logLevels)[number];
}

/** What a portal or a worker cannot do without. */
export interface ServiceEnvironment extends Environment {
  readonly databaseUrl: string;
  readonly databaseDirectUrl: string;
  readonly portalUrl: string;
  readonly keys: string;
}

/** Values that cannot be used, one sentence each, every one naming its variable and none repeating its value. */
export class EnvironmentError extends Error {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'EnvironmentError';
    this.sentences = sentences;
  }
}

type Source = Readonly<Record<string, string | undefined>>;

/** Parses the environment once; an empty value counts as not set. */
export function readEnvironment(source: Source): Environment {
  const given = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new EnvironmentError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`),
    );
  }
  const values = parsed.data;
  return {
    databaseUrl: values.DATABASE_URL ?? null,
    databaseDirectUrl: values.DATABASE_DIRECT_URL ?? values.DATABASE_URL ?? null,
    databaseConnections: values.MAILROOM_DATABASE_CONNECTIONS,
    dataFolder: resolve(values.MAILROOM_DATA_DIR),
    portalPort: values.MAILROOM_PORTAL_PORT ?? values.PORT ?? null,
    portalHost: values.MAILROOM_PORTAL_HOST,
    isBehindProxy: values.MAILROOM_BEHIND_PROXY,
    portalUrl: values.MAILROOM_PORTAL_URL ?? null,
    keys: values.MAILROOM_KEYS ?? null,
    sessionSecret: values.NEXTAUTH_SECRET ?? null,
    allowedAddresses: values.MAILROOM_ALLOWED_ADDRESSES,
    ehloName: values.MAILROOM_EHLO_NAME ?? machineName(),
    maxMessageBytes: values.MAILROOM_MAX_MESSAGE_BYTES,
    workerConcurrency: values.MAILROOM_WORKER_CONCURRENCY,
    stopWithinMs: values.MAILROOM_STOP_WITHIN_SECONDS * 1000,
    isDemo: values.MAILROOM_DEMO,
    inboxSmtpPort: values.MAILROOM_INBOX_SMTP_PORT ?? null,
    inboxFolder: values.MAILROOM_INBOX_DIR ?? null,
    logLevel: values.LOG_LEVEL,
  };
}

/** The environment of a process that works on the database: portal, worker, command line. */
export function readServiceEnvironment(source: Source): ServiceEnvironment {
  const environment = readEnvironment(source);
  const { databaseUrl, databaseDirectUrl, keys } = environment;
  if (databaseUrl === null || databaseDirectUrl === null || keys === null) {
    throw new EnvironmentError([
      ...(databaseUrl === null ? ['DATABASE_URL is not set; it says which Postgres to work on.'] : []),
      ...(keys === null ? ['MAILROOM_KEYS is not set; it holds the keys that seal secrets.'] : []),
    ]);
  }
  const portalUrl = environment.portalUrl ?? `http://localhost:${environment.portalPort ?? 3000}`;
  return { ...environment, databaseUrl, databaseDirectUrl, keys, portalUrl };
}

function isPostgresAddress(text: string): boolean {
  const address = URL.parse(text);
  return address !== null && /^postgres(ql)?:$/.test(address.protocol) && address.pathname.length > 1;
}

function isWebAddress(text: string): boolean {
  const address = URL.parse(text);
  if (address === null || !/^https?:$/.test(address.protocol)) return false;
  return address.pathname === '/' && address.search === '' && address.hash === '' && address.username === '';
}

function isKeyring(text: string): boolean {
  try {
    createKeyring(text);
    return true;
  } catch {
    return false;
  }
}

function isAllowList(entries: readonly string[]): boolean {
  try {
    createAddressGuard(entries);
    return true;
  } catch {
    return false;
  }
}

// EHLO takes a domain name; a machine may be called anything.
function machineName(): string {
  const name = hostname()
    .replace(/[^a-zA-Z0-9.-]/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return name === '' ? 'localhost' : name;
}
