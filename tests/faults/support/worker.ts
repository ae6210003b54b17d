import { resolve } from 'node:path';
import { type ProcessExit, spawnTethered } from '#db/tether.ts';
import { workerArguments } from '#worker/launch.ts';
import { testKeys } from '#tests/support/factories.ts';
import { waitForLine } from '#tests/support/wait-for.ts';
import type { Endings } from './endings.ts';

const projectRoot = resolve(import.meta.dirname, '../../..');
const keptOutput = 20_000;

/** A worker in a process of its own. */
export interface WorkerProcess {
  /** Of the worker itself, as its row in the list of workers has it. */
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  /** The last of what it has written. */
  output(): string;
  /** Reaches the worker and everything that it has started. */
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end, as a service manager does. */
  stop(graceMs?: number): Promise<ProcessExit>;
}

export interface WorkerOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Another program than the product's worker, and its folder where that is not this checkout. */
  readonly program?: readonly string[];
  readonly folder?: string;
}

/** Starts a worker on a database; resolves when it is at work. */
export async function startWorker(
  databaseUrl: string,
  endings: Endings,
  options: WorkerOptions = {},
): Promise<WorkerProcess> {
  const folder = options.folder ?? projectRoot;
  const child = spawnTethered(process.execPath, options.program ?? workerArguments, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      MAILROOM_KEYS: testKeys,
      MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8,::1',
      LOG_LEVEL: 'info',
      ...options.environment,
    },
    stopSignal: 'TERM',
  });
  endings.add(() => child.stop(10_000));
  let output = '';
  const read = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-keptOutput);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const [, pid] = await waitForLine(child.stdout, /"pid":(\d+)[^\n]*worker ready/, 60_000).catch(
    (error: unknown) => {
      throw new Error(`The worker did not start: ${output}`, { cause: error });
    },
  );
  return {
    pid: Number(pid),
    exited: child.exited,
    output: () => output,
    signal: (name) => child.signal(name),
    stop: (graceMs = 30_000) => child.stop(graceMs),
  };
}
