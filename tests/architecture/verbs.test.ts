import { expect, test } from 'vitest';
import { type SourceFile, sourceFiles, withoutComments } from './source-files.ts';

const files = sourceFiles();
const byPath = new Map(files.map((file) => [file.path, file]));

// `verbNoun(ctx, …)`: whatever an edge may call with a person, a key or the operator behind it.
const verbShape = /^export (?:async )?function \w+(?:<[^>]*>)?\(\s*ctx: Context\b/m;
const write = /\.orm\s*\.(?:insert|update|delete)\(|\b(?:insert into|update|delete from) mailroom\./i;
const permission = /\b(?:requirePermission|can)\(/;
const audit = /\brecordAudit\(/;

// Verbs that answer for themselves in another way, each with its reason.
const withoutPermission: Readonly<Record<string, string>> = {
  'lib/access/list-settings-writers.ts': 'tells whoever may not do a thing whom to ask',
  'lib/sessions/change-password.ts': "is about the acting person's own password alone, and asks for it",
};
const withoutAudit: Readonly<Record<string, string>> = {
  'lib/messages/accept-message.ts': 'a message is its own record: who, when and by which key',
  'lib/messages/accept-batch.ts': 'a message is its own record: who, when and by which key',
};

const edges = files.filter((file) => ['app', 'scripts', 'worker'].includes(file.layer));
const calledByEdges = new Set(
  edges.flatMap((file) =>
    file.imports.filter((each) => !each.isType && each.file !== null).map((each) => each.file),
  ),
);
const verbs = files.filter(
  (file) => file.path.startsWith('lib/') && calledByEdges.has(file.path) && verbShape.test(file.text),
);

/** The code of a file and of everything of lib that it runs. */
function codeBehind(file: SourceFile): string {
  const reached = new Set([file.path]);
  for (const path of reached) {
    for (const each of byPath.get(path)?.imports ?? []) {
      const isOurs = each.file?.startsWith('lib/') === true && !/^lib\/(?:access|audit)\//.test(each.file);
      if (!each.isType && isOurs && each.file !== null) reached.add(each.file);
    }
  }
  return [...reached].map((path) => withoutComments(byPath.get(path)?.text ?? '')).join('\n');
}

test('the edges call verbs', () => {
  expect(verbs.length).toBeGreaterThan(10);
});

test('every verb that an edge calls asks for a permission', () => {
  const open = verbs.filter(
    (verb) => !permission.test(codeBehind(verb)) && !(verb.path in withoutPermission),
  );
  expect(open.map((verb) => verb.path)).toEqual([]);
});

test('every verb that writes leaves an audit entry', () => {
  const writing = verbs.filter((verb) => write.test(codeBehind(verb)));
  expect(writing.length).toBeGreaterThan(5);
  const silent = writing.filter((verb) => !audit.test(codeBehind(verb)) && !(verb.path in withoutAudit));
  expect(silent.map((verb) => verb.path)).toEqual([]);
});

test('a verb that writes by itself asks and records by itself or by what it calls at once', () => {
  const own = verbs.filter((verb) => write.test(withoutComments(verb.text)));
  const odd = own.filter((verb) => {
    const near = [
      verb,
      ...verb.imports.filter((each) => !each.isType).map((each) => byPath.get(each.file ?? '')),
    ];
    const code = near
      .filter((file) => file !== undefined)
      .filter((file) => !/^lib\/(?:access|audit)\//.test(file.path))
      .map((file) => withoutComments(file.text))
      .join('\n');
    const asks = permission.test(code) || verb.path in withoutPermission;
    return !asks || (!audit.test(code) && !(verb.path in withoutAudit));
  });
  expect(odd.map((verb) => verb.path)).toEqual([]);
});

test('the exceptions are verbs that an edge calls', () => {
  const paths = verbs.map((verb) => verb.path);
  const excepted = [...Object.keys(withoutAudit), ...Object.keys(withoutPermission)];
  expect(excepted.filter((path) => !paths.includes(path))).toEqual([]);
});
