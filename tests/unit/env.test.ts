import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { environmentVariables } from '#lib/env-variables.ts';
import { environmentNames, EnvironmentError, readEnvironment, readServiceEnvironment } from '#lib/env.ts';

const keys = `main:${randomBytes(32).toString('base64')}`;

function sentencesOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.sentences;
    throw error;
  }
  return [];
}

describe('readEnvironment', () => {
  test('an empty environment has a value for everything', () => {
    const environment = readEnvironment({});
    expect(environment.dataFolder).toBe(resolve('.data'));
    expect(environment.maxMessageBytes).toBe(36_700_160);
    expect(environment.isDemo).toBe(true);
    expect(environment.allowedAddresses).toEqual([]);
    expect(environment.portalPort).toBeNull();
  });

  test('an empty value counts as not set', () => {
    expect(readEnvironment({ PORT: '', DATABASE_URL: ' ' })).toMatchObject({
      portalPort: null,
      databaseUrl: null,
    });
  });

  test('the portal port of its own name beats PORT', () => {
    expect(readEnvironment({ PORT: '8080', MAILROOM_PORTAL_PORT: '9090' }).portalPort).toBe(9090);
    expect(readEnvironment({ PORT: '8080' }).portalPort).toBe(8080);
  });

  test('the direct address is the address unless it is given', () => {
    const address = 'postgres://mail:x@db.example:5432/mailroom';
    expect(readEnvironment({ DATABASE_URL: address }).databaseDirectUrl).toBe(address);
  });

  test('the list of allowed addresses takes commas and spaces', () => {
    const environment = readEnvironment({
      MAILROOM_ALLOWED_ADDRESSES: '10.1.0.0/16, relay.intern:25 127.0.0.1:2525',
    });
    expect(environment.allowedAddresses).toEqual(['10.1.0.0/16', 'relay.intern:25', '127.0.0.1:2525']);
  });

  test.each([
    ['DATABASE_URL', 'mysql://secret-value@host/db'],
    ['DATABASE_DIRECT_URL', 'secret-value'],
    ['PORT', '70000'],
    ['MAILROOM_PORTAL_PORT', '0'],
    ['MAILROOM_PORTAL_HOST', 'not a host'],
    ['MAILROOM_PORTAL_URL', 'ftp://secret-value'],
    ['MAILROOM_PORTAL_URL', 'https://mail.example.com/secret-value'],
    ['MAILROOM_KEYS', 'main:secret-value'],
    ['NEXTAUTH_SECRET', 'secret-value'],
    ['MAILROOM_ALLOWED_ADDRESSES', '10.0.0.0/99'],
    ['MAILROOM_EHLO_NAME', 'secret value'],
    ['MAILROOM_MAX_MESSAGE_BYTES', '-1'],
    ['MAILROOM_WORKER_CONCURRENCY', '0'],
    ['MAILROOM_DATABASE_CONNECTIONS', '1'],
    ['MAILROOM_DEMO', 'yes'],
    ['MAILROOM_INBOX_SMTP_PORT', 'smtp'],
    ['LOG_LEVEL', 'loud'],
  ])('%s = %s is refused with one sentence that names it and does not repeat it', (name, value) => {
    const sentences = sentencesOf(() => readEnvironment({ [name]: value }));
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatch(new RegExp(`^${name} must .+\\.$`));
    expect(sentences[0]).not.toContain('secret-value');
  });

  test('every wrong variable has its sentence', () => {
    expect(sentencesOf(() => readEnvironment({ PORT: 'x', MAILROOM_DEMO: 'x' }))).toHaveLength(2);
  });
});

describe('readServiceEnvironment', () => {
  test('names what a portal or worker cannot do without', () => {
    const sentences = sentencesOf(() => readServiceEnvironment({}));
    expect(sentences.map((sentence) => sentence.split(' ')[0])).toEqual(['DATABASE_URL', 'MAILROOM_KEYS']);
  });

  test('makes the public address from the port', () => {
    const source = {
      DATABASE_URL: 'postgres://mail:x@db.example/mailroom',
      MAILROOM_KEYS: keys,
      PORT: '8080',
    };
    expect(readServiceEnvironment(source).portalUrl).toBe('http://localhost:8080');
    const named = { ...source, MAILROOM_PORTAL_URL: 'https://mail.example.com/' };
    expect(readServiceEnvironment(named).portalUrl).toBe('https://mail.example.com');
  });
});

test('the table of variables lists each that is read, once, with its meaning', () => {
  const names = environmentVariables.map((variable) => variable.name);
  expect(names.toSorted()).toEqual(environmentNames.toSorted());
  for (const variable of environmentVariables) expect(variable.meaning).toMatch(/\.$/);
});
