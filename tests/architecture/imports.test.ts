import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { breaches, root, type SourceFile, sourceFiles } from './source-files.ts';

const files = sourceFiles();
const production = files.filter((file) => file.layer !== 'tests');

function within(folder: string): SourceFile[] {
  const found = files.filter((file) => file.path.startsWith(`${folder}/`));
  expect(found.length, `files in ${folder}`).toBeGreaterThan(0);
  return found;
}

function layerOf(path: string): string {
  return path.split('/')[0] ?? '';
}

// DESIGN 2: arrows point one way.
const mayImport: Readonly<Record<string, readonly string[]>> = {
  app: ['app', 'lib', 'db'],
  worker: ['worker', 'lib', 'db'],
  lib: ['lib', 'db'],
  db: ['db'],
  scripts: ['scripts', 'worker', 'lib', 'db'],
  tests: ['tests', 'scripts', 'app', 'worker', 'lib', 'db'],
};

test('every layer imports only those below it', () => {
  expect(
    breaches(
      files,
      (file, each) => each.file !== null && !mayImport[file.layer]?.includes(layerOf(each.file)),
    ),
  ).toEqual([]);
});

test('every import of ours leads to a file', () => {
  expect(breaches(files, (_file, each) => each.file !== null && !existsSync(join(root, each.file)))).toEqual(
    [],
  );
});

test('pages hold no SQL: the app reaches the database through lib alone', () => {
  expect(
    breaches(within('app'), (_file, each) => !each.isType && each.file?.startsWith('db/') === true),
  ).toEqual([]);
});

test('lib and db know nothing of the web framework', () => {
  const framework = /^(next|react|react-dom|next-auth|server-only|client-only|nuqs|sonner)(\/|$)/;
  expect(breaches([...within('lib'), ...within('db')], (_file, each) => framework.test(each.from))).toEqual(
    [],
  );
});

test('policy imports nothing but types', () => {
  expect(
    breaches(
      within('lib/policy'),
      (_file, each) => !each.isType && each.file?.startsWith('lib/policy/') !== true,
    ),
  ).toEqual([]);
});

test('transports import nothing of lib but errors and clock', () => {
  const known = ['lib/errors.ts', 'lib/clock.ts'];
  expect(
    breaches(
      within('lib/transports'),
      (_file, { file }) => file !== null && !file.startsWith('lib/transports/') && !known.includes(file),
    ),
  ).toEqual([]);
});

describe.each(['access', 'audit', 'secrets'])('%s', (folder) => {
  test('imports no noun folder', () => {
    expect(
      breaches(
        within(`lib/${folder}`),
        (_file, { file }) =>
          file !== null && /^lib\/[^/]+\//.test(file) && !/^lib\/(access|audit|secrets)\//.test(file),
      ),
    ).toEqual([]);
  });
});

// Further files of lib that the browser gets, each with its reason.
const forBrowsers: Readonly<Record<string, string>> = {
  'lib/access/roles.ts': 'the names of roles and scopes, and the table that says who may do what',
  'lib/policy/decide-retry.ts': 'the times that a retry schedule gives, while it is typed',
  'lib/pools/presets.ts': 'what a pool’s form fills in when a provider is picked',
  'lib/settings/presets.ts': 'what the form fills in when a provider is picked',
  'lib/settings/oauth-presets.ts': 'clouds, addresses and scopes that the form fills in',
  'lib/settings/warnings.ts': 'what the form says about unsaved values',
  'lib/settings/redirect-rules.ts': 'what a provider will say to the redirect URL',
};

function isForBrowsers(path: string): boolean {
  return /^lib\/(?:paths\.ts|(?:.+\/)?(?:schemas|labels)\.ts)$/.test(path) || path in forBrowsers;
}

function clientFiles(): SourceFile[] {
  const client = within('app').filter((file) => /^\s*['"]use client['"]/.test(file.text));
  expect(client.length).toBeGreaterThan(0);
  return client;
}

test('client files take from lib only types, schemas, labels, paths and what is listed', () => {
  expect(
    breaches(
      clientFiles(),
      (_file, each) => !each.isType && each.file?.startsWith('lib/') === true && !isForBrowsers(each.file),
    ),
  ).toEqual([]);
});

test('what the browser gets of lib needs neither Node nor the database, however far it reaches', () => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  for (const { imports } of clientFiles()) {
    for (const each of imports)
      if (!each.isType && each.file?.startsWith('lib/') === true) reached.add(each.file);
  }
  expect(reached.size).toBeGreaterThan(0);
  for (const path of reached) {
    for (const each of byPath.get(path)?.imports ?? [])
      if (!each.isType && each.file !== null) reached.add(each.file);
  }
  const reachedFiles = files.filter((file) => reached.has(file.path));
  expect(
    breaches(
      reachedFiles,
      (_file, each) =>
        !each.isType && (/^(?:node:|pg$|pino$)/.test(each.from) || each.file?.startsWith('db/') === true),
    ),
  ).toEqual([]);
  expect(Object.keys(forBrowsers).filter((path) => !byPath.has(path))).toEqual([]);
});

test('no file needs itself, however far round', () => {
  const byPath = new Map(production.map((file) => [file.path, file]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const each of byPath.get(path)?.imports ?? []) {
      if (!each.isType && each.file !== null) visit(each.file, [...trail, path]);
    }
    done.add(path);
  };
  for (const file of production) visit(file.path, []);
  expect(circles).toEqual([]);
});
