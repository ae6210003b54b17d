import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnTethered, type ProcessExit, type TetheredProcess } from '#db/tether.ts';
import { projectRoot } from './portal-build.ts';

export interface ServiceOptions {
  /** The word before each of its lines. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Keeps every line in full; the terminal gets them shortened, and not every one. */
  readonly logFolder: string;
  readonly print: (line: string) => void;
}

/** Starts one of the services of `npm start`, its lines in the terminal under its name. */
export async function startService(options: ServiceOptions): Promise<TetheredProcess> {
  await mkdir(options.logFolder, { recursive: true });
  const log = createWriteStream(join(options.logFolder, `${options.name}.log`), { flags: 'a' });
  const service = spawnTethered(options.command, options.args, {
    cwd: projectRoot,
    env: options.env,
    stopSignal: 'TERM',
  });
  for (const stream of [service.stdout, service.stderr]) {
    eachLine(stream, (line) => {
      log.write(`${line}\n`);
      const shown = shownLine(line);
      if (shown !== null) options.print(`${options.name.padEnd(6)} │ ${shown}`);
    });
  }
  void service.exited.then(() => log.end());
  return service;
}

/** Splits a stream into lines, the last one at its end. */
export function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let partial = '';
  stream.on('data', (chunk: Buffer | string) => {
    const lines = (partial + chunk.toString()).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  stream.on('end', () => {
    if (partial !== '') take(partial);
  });
}

// One line for each try of a mail would soon push the address and the sign-in out of sight; the log has them all.
const quietSentences = new Set(['attempt']);
const quietFields = new Set(['level', 'time', 'name', 'pid', 'msg']);

// Our processes log JSON; a person at the terminal reads time, level and sentence sooner.
function shownLine(line: string): string | null {
  if (line.trim() === '') return null;
  const entry = parsedEntry(line);
  if (entry === null) return line;
  if (entry['level'] === 'info' && quietSentences.has(wordOf(entry['msg']))) return null;
  const fields = Object.entries(entry)
    .filter(([key]) => !quietFields.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const clock = wordOf(entry['time']).slice(11, 19);
  return [clock, wordOf(entry['level']), wordOf(entry['msg']), ...fields].join(' ');
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parsedEntry(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'level' in entry ? { ...entry } : null;
  } catch {
    return null;
  }
}

/** How a service ended, as the end of a sentence. */
export function exitWords(exit: ProcessExit): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  return exit.code === null ? 'ended' : `ended with code ${exit.code}`;
}
