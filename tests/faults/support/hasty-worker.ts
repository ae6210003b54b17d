import { resolve } from 'node:path';
import type { Endings } from './endings.ts';
import { startWorker, type WorkerProcess } from './worker.ts';

/**
 * A worker that gives a silent server seconds instead of the minutes of RFC 5321, and asks a file for the addresses of
 * names where it is given one: `{"mail.example.test": ["127.0.0.1"]}`, or the code of a fault in place of the list.
 */
export function startHastyWorker(
  databaseUrl: string,
  endings: Endings,
  namesFile?: string,
): Promise<WorkerProcess> {
  const program = resolve(import.meta.dirname, 'hasty-worker-program.ts');
  return startWorker(databaseUrl, endings, {
    program: namesFile === undefined ? [program] : [program, namesFile],
  });
}
