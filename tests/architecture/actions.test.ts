import { expect, test } from 'vitest';
import { sourceFiles, withoutComments } from './source-files.ts';

// Functions that the browser may call without the wrapper, each with its reason.
const unwrapped: Readonly<Record<string, string>> = {
  'app/(portal)/sign-out.ts': 'ends the session itself, whatever organization is looked at',
  'app/oauth/consent/[token]/actions.ts': 'is for whoever holds a consent link, without an account',
  'app/(auth)/setup/[token]/actions.ts': 'makes the first owner, before there is anyone to sign in',
};

const actionFiles = sourceFiles().filter(
  (file) => file.layer === 'app' && /^\s*['"]use server['"]/m.test(withoutComments(file.text)),
);

test('every server action is built by the wrapper', () => {
  expect(actionFiles.length).toBeGreaterThan(0);
  const odd = actionFiles.flatMap((file) => {
    if (file.path in unwrapped) return [];
    const text = withoutComments(file.text);
    const exported = [...text.matchAll(/^export\s+(?!type\b|interface\b)(?<rest>.*)$/gm)];
    return exported
      .map((match) => match.groups?.['rest'] ?? '')
      .filter((rest) => !/^const \w+(?::[^=]+)? = defineAction\b/.test(rest))
      .map((rest) => `${file.path}: export ${rest}`);
  });
  expect(odd).toEqual([]);
});

test('the list of exceptions names files that are there', () => {
  const paths = actionFiles.map((file) => file.path);
  expect(Object.keys(unwrapped).filter((path) => !paths.includes(path))).toEqual([]);
});
