import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
const folders = ['app', 'db', 'lib', 'scripts', 'tests', 'worker'] as const;

export interface SourceImport {
  readonly from: string;
  /** The file that it leads to, from the root; null for a package or a file of another kind. */
  readonly file: string | null;
  /** Nothing of it is left when the code runs. */
  readonly isType: boolean;
}

export interface SourceFile {
  /** From the root, with slashes: "lib/ids.ts". */
  readonly path: string;
  readonly layer: string;
  readonly text: string;
  readonly imports: readonly SourceImport[];
}

/** Every TypeScript file of ours. Throws unless it has seen exactly what git would list. */
export function sourceFiles(): readonly SourceFile[] {
  const paths = folders.flatMap((folder) => walk(join(root, folder)));
  const listed = listedByGit();
  if (listed !== null) {
    const unseen = listed.filter((path) => !paths.includes(path) && existsSync(join(root, path)));
    if (unseen.length > 0 || listed.length === 0) {
      throw new Error(`the scan missed ${unseen.length} files, ${unseen[0] ?? 'all'} among them`);
    }
  }
  return paths.map(readSource);
}

function walk(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
}

// A checkout without its history (an archive) has nothing to compare with.
function listedByGit(): string[] | null {
  if (!existsSync(join(root, '.git'))) return null;
  const listed = execFileSync('git', ['ls-files', '--', ...folders], { cwd: root, encoding: 'utf8' });
  return listed.split('\n').filter((path) => /\.tsx?$/.test(path));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, layer: path.split('/')[0] ?? '', text, imports: importsOf(path, withoutComments(text)) };
}

export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

const statement =
  /^(?:import|export)\s+(?<clause>[\w\s{},*$]*?)\s*\bfrom\s*['"](?<from>[^'"]+)['"]|^import\s*['"](?<bare>[^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"](?<from>[^'"]+)['"]\s*\)/g;

function importsOf(path: string, text: string): SourceImport[] {
  const found = [...text.matchAll(statement)].map(({ groups }) => ({
    from: groups?.['from'] ?? groups?.['bare'] ?? '',
    isType: isTypeOnly(groups?.['clause'] ?? ''),
  }));
  const lazy = [...text.matchAll(dynamic)].map(({ groups }) => ({
    from: groups?.['from'] ?? '',
    isType: false,
  }));
  return [...found, ...lazy].map((each) => ({ ...each, file: resolveFile(path, each.from) }));
}

function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true;
  const names = /^\s*\{(?<names>[^}]*)\}\s*$/.exec(clause)?.groups?.['names'];
  if (names === undefined) return false;
  const parts = names.split(',').filter((part) => part.trim() !== '');
  return parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part));
}

function resolveFile(path: string, from: string): string | null {
  const target = /^#(app|lib|db|worker|scripts|tests)\//.test(from)
    ? from.slice(1)
    : from.startsWith('.')
      ? relative(root, resolve(root, dirname(path), from))
      : null;
  return target !== null && /\.tsx?$/.test(target) ? target : null;
}

/** "a imports b" for every import that breaks the rule; an empty list is what a test expects. */
export function breaches(
  files: readonly SourceFile[],
  isBreach: (file: SourceFile, each: SourceImport) => boolean,
): string[] {
  return files.flatMap((file) =>
    file.imports.filter((each) => isBreach(file, each)).map((each) => `${file.path} imports ${each.from}`),
  );
}
