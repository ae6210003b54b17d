import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { returnPath } from '#app/(auth)/sign-in/return-path.ts';
import { keyInput, noValues } from '#app/(portal)/[org]/[project]/keys/key-values.ts';
import { readHistoryQuery } from '#app/(portal)/history-list/history-query.ts';
import { whyNot } from '#app/(portal)/permission-words.ts';
import { presentError } from '#app/_server/present-error.ts';
import { databaseTrouble } from '#lib/database-trouble.ts';
import { requestSource } from '#app/_server/source.ts';
import { DomainError } from '#lib/errors.ts';
import { compareByTrouble } from '#lib/overview/project-state.ts';
import { keptLog } from '#tests/support/factories.ts';

test.each([
  ['/northwind/billing?state=failed', '/northwind/billing?state=failed'],
  [undefined, '/'],
  ['//evil.example/', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['/a\nb', '/'],
  ['/sign-in?from=/x', '/'],
  [['/a', '/b'], '/'],
])('after signing in, %j leads to %s', (wanted, path) => {
  expect(returnPath(wanted)).toBe(path);
});

describe('what a page may show of an error', () => {
  test('a refusal, as it is', () => {
    const error = new DomainError('conflict', 'Taken.', { issues: [{ field: 'slug', message: 'Taken.' }] });
    expect(presentError(error, keptLog(), 'test')).toEqual({
      code: 'conflict',
      message: 'Taken.',
      issues: [{ field: 'slug', message: 'Taken.' }],
      data: {},
      reference: null,
    });
  });

  test('input that does not parse, field by field', () => {
    const { error } = z.object({ to: z.array(z.string()) }).safeParse({ to: [1] });
    expect(presentError(error, keptLog(), 'test')).toMatchObject({
      code: 'invalid_input',
      issues: [{ field: 'to.0' }],
    });
  });

  test('of anything else a reference alone, under which the log has it', () => {
    const log = keptLog();
    const shown = presentError(new Error('password is hunter2'), log, 'saveSomething');
    expect(shown.code).toBe('unexpected');
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]?.fields).toMatchObject({ reference: shown.reference, doing: 'saveSomething' });
  });

  test.each([
    ['away', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['away', Object.assign(new Error('terminating connection'), { code: '57P01' })],
    ['away', new Error('query', { cause: Object.assign(new Error('x'), { code: '08006' }) })],
    ['away', new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])],
    ['away', new Error('Query read timeout')],
    ['busy', new Error('timeout exceeded when trying to connect')],
    ['busy', Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' })],
    ['read_only', Object.assign(new Error('cannot execute INSERT'), { code: '25006' })],
    ['full', Object.assign(new Error('could not extend file'), { code: '53100' })],
  ])('trouble of the database is told apart: %s, %s', (trouble, error) => {
    expect(databaseTrouble(error)).toBe(trouble);
    expect(presentError(error, keptLog(), 'test').code).toBe('unavailable');
  });

  test('a wrong statement is no trouble of the database', () => {
    expect(databaseTrouble(Object.assign(new Error('syntax error'), { code: '42601' }))).toBeNull();
  });
});

test('a request comes from the last address that a proxy wrote', () => {
  const source = requestSource(
    new Headers({ 'x-forwarded-for': '203.0.113.9, ::ffff:198.51.100.7', 'user-agent': 'x'.repeat(1000) }),
  );
  expect(source.ip).toBe('198.51.100.7');
  expect(source.userAgent).toHaveLength(400);
  expect(requestSource(new Headers({ 'x-forwarded-for': '<script>' })).ip).toBeNull();
});

test('the address of a history page is read, and what cannot be read is not there', () => {
  const id = '01a1fd08-e31b-7000-9a52-87445ef9e3d5';
  expect(readHistoryQuery({ by: 'dana', action: 'key.created', until: '2026-11-20', after: id })).toEqual({
    filters: { by: 'dana', action: 'key.created', until: new Date('2026-11-20T23:59:59.999Z') },
    page: { before: id },
    entry: null,
  });
  expect(readHistoryQuery({ action: 'x; drop', since: 'soon', after: '1', by: ['a', 'b'] })).toEqual({
    filters: {},
    page: {},
    entry: null,
  });
});

describe('a new key', () => {
  const now = new Date('2026-11-21T08:00:00Z');

  test('is as the project and without end unless something is chosen', () => {
    expect(keyInput({ ...noValues, name: 'Shop' }, now)).toEqual({
      name: 'Shop',
      scopes: ['send', 'read'],
      expiresAt: null,
      sendingMode: null,
      allowedSenders: null,
    });
  });

  test('ends after the days chosen; lists are read by line and comma', () => {
    const values = {
      ...noValues,
      end: '30' as const,
      mode: 'allow_list' as const,
      allowList: 'a.example, b.example\n',
      allowedSenders: 'shop@example.com\nexample.org',
    };
    expect(keyInput(values, now)).toMatchObject({
      expiresAt: '2026-12-21T08:00:00.000Z',
      sendingMode: { kind: 'allow_list', entries: ['a.example', 'b.example'] },
      allowedSenders: ['shop@example.com', 'example.org'],
    });
  });

  test('a date that cannot be read is left for the verb to refuse', () => {
    expect(keyInput({ ...noValues, end: 'date', endDate: 'someday' }, now).expiresAt).toBe('someday');
  });
});

test('a control that one may not use names who may', () => {
  expect(whyNot('keys.write')).toBe('This is for owners and administrators of the organization.');
});

test('projects stand by trouble, then by what waits, then by name', () => {
  const rows = [
    { state: 'idle', waiting: 0, name: 'b' },
    { state: 'idle', waiting: 0, name: 'a' },
    { state: 'paused', waiting: 1, name: 'c' },
    { state: 'paused', waiting: 9, name: 'd' },
    { state: 'stopped', waiting: 0, name: 'e' },
  ] as const;
  expect(rows.toSorted(compareByTrouble).map(({ name }) => name)).toEqual(['e', 'd', 'c', 'a', 'b']);
});
