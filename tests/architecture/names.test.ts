import { expect, test } from 'vitest';
import { sourceFiles } from './source-files.ts';

const files = sourceFiles();

// Next's own signs in folder names: (group), [param], [[...param]], @slot.
function bareWords(path: string): string[] {
  return path
    .split('/')
    .map((part) => part.replace(/^[([@.]+|[)\]]+$/g, '').replace(/(\.(test|spec|d))?\.tsx?$/, ''))
    .filter((part) => part !== '');
}

test('files and folders are named in kebab-case', () => {
  const odd = files.filter(({ path }) =>
    bareWords(path).some(
      (word) =>
        !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*|_server|_ui|_components|\.\.\.nextauth|openapi\.json|-)$/.test(word),
    ),
  );
  expect(odd.map((file) => file.path)).toEqual([]);
});

test('no file is a drawer for everything', () => {
  const drawers = /^(utils?|helpers?|misc|common|manager|shared|stuff|index)$/;
  const odd = files.filter(({ path }) => bareWords(path).some((word) => drawers.test(word)));
  expect(odd.map((file) => file.path)).toEqual([]);
});

test('nothing is left to do later', () => {
  const later = /\b(?:TODO|FIXME|XXX|HACK)\b|[Cc]oming soon/;
  const odd = files.filter((file) => !file.path.startsWith('tests/architecture/') && later.test(file.text));
  expect(odd.map((file) => file.path)).toEqual([]);
});
