import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environmentVariables } from '#lib/env-variables.ts';
import { faults } from '#tests/faults/faults.ts';
import { root } from './source-files.ts';

const documents = [
  ...(existsSync(join(root, 'README.md')) ? ['README.md'] : []),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
];

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

test('documents name only files that exist', () => {
  expect(documents.length).toBeGreaterThan(0);
  const named = /`(?<path>(?:app|db|docs|lib|scripts|tests|worker|public|\.ci)\/[\w./()[\]-]*)`/g;
  const missing = documents.flatMap((path) =>
    [...textOf(path).matchAll(named)]
      .map((match) => match.groups?.['path'] ?? '')
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${path} names ${target}`),
  );
  expect(missing).toEqual([]);
});

test('links between documents lead somewhere', () => {
  const link = /\]\((?<target>[^)#\s]+)(?:#[^)]*)?\)/g;
  const broken = documents.flatMap((path) =>
    [...textOf(path).matchAll(link)]
      .map((match) => match.groups?.['target'] ?? '')
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, path, '..', target)))
      .map((target) => `${path} links to ${target}`),
  );
  expect(broken).toEqual([]);
});

test('npm scripts that documents name exist', () => {
  const { scripts } = JSON.parse(textOf('package.json'));
  const missing = documents.flatMap((path) =>
    [...textOf(path).matchAll(/npm run (?<name>[a-z][\w:-]*)/g)]
      .map((match) => match.groups?.['name'] ?? '')
      .filter((name) => !(name in scripts))
      .map((name) => `${path} runs ${name}`),
  );
  expect(missing).toEqual([]);
});

test('the README lists every variable of the environment, as the code describes it', () => {
  const rows = textOf('README.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const listed = new Map(rows.map((cells) => [cells[1], cells]));
  const wrong = environmentVariables.filter((variable) => {
    const row = listed.get(`\`${variable.name}\``);
    return row === undefined || row[2] !== variable.meaning || row[3] !== variable.fallback;
  });
  expect(
    wrong.map((variable) => `| \`${variable.name}\` | ${variable.meaning} | ${variable.fallback} |`),
  ).toEqual([]);
});

test('the page of faults names every fault, and no other', () => {
  const named = [...textOf('docs/faults.md').matchAll(/`(?<name>[a-z\d][a-z\d-]*)`/g)];
  const names = new Set(named.map((match) => match.groups?.['name'] ?? ''));
  expect([...names].toSorted()).toEqual(faults.map(({ name }) => name).toSorted());
});
