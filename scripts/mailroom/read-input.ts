import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UsageError } from './run-command.ts';

/** A file's text, or standard input for "-". */
export async function readText(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new UsageError(`The file ${file} cannot be read.`);
  }
}

/** The JSON value in a file. */
export async function readJson(file: string): Promise<unknown> {
  const content = await readText(file);
  try {
    return JSON.parse(content);
  } catch {
    throw new UsageError(`The file ${file} is not JSON.`);
  }
}

export interface SecretSource {
  /** A file with the secret, "-" for standard input. */
  readonly file: string | undefined;
  /** Name of the environment variable that holds it. */
  readonly variable: string | undefined;
}

/**
 * A secret from a file or the environment, never from the command line, where others of the machine could read it. One
 * newline at its end is the editor's, not the secret's. Undefined where none was named.
 */
export async function readSecret({ file, variable }: SecretSource): Promise<string | undefined> {
  if (file !== undefined) {
    const secret = (await readText(file)).replace(/\r?\n$/, '');
    if (secret === '') throw new UsageError(`The file ${file} is empty.`);
    return secret;
  }
  if (variable === undefined) return undefined;
  const secret = process.env[variable];
  if (secret === undefined || secret === '') throw new UsageError(`The variable ${variable} is not set.`);
  return secret;
}
