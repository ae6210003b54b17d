import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type TetheredProcess, spawnTethered } from '#db/tether.ts';
import { workerArguments } from '#worker/launch.ts';
import type { Scene } from './scene.ts';

const projectRoot = resolve(import.meta.dirname, '../../..');

/** A real worker process, the same program as in production. */
export interface WorkerProcess {
  readonly process: TetheredProcess;
  /** Of the worker itself. */
  readonly pid: number;
  /** The highest resident memory so far, in bytes (VmHWM). */
  peakMemory(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a worker and waits until it beats. */
export async function startWorker(scene: Scene): Promise<WorkerProcess> {
  const tethered = spawnTethered(process.execPath, workerArguments, {
    cwd: projectRoot,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'production',
      ...scene.environment,
    },
    stopSignal: 'TERM',
  });
  let output = '';
  tethered.stdout.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
  tethered.stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
  const pid = await Promise.race([
    workerPid(scene, tethered.pid),
    tethered.exited.then((): never => {
      throw new Error(`The worker ended at its start: ${output}`);
    }),
  ]);
  return {
    process: tethered,
    pid,
    peakMemory: async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(?<kib>\d+)/.exec(status)?.groups?.['kib']) * 1024;
    },
    stop: async () => {
      await tethered.stop(30_000);
    },
  };
}

// The fleet's own table says when a worker is there; it tells nobody by itself, so it is asked.
async function workerPid({ server }: Scene, parent: number): Promise<number> {
  for (;;) {
    const { rows } = await server.database.pool.query<{ pid: number }>(
      'select pid from mailroom.workers where stopped_at is null and lost_at is null order by started_at desc',
    );
    for (const { pid } of rows) if ((await parentOf(pid)) === parent) return pid;
    await pause(50);
  }
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/PPid:\s+(?<parent>\d+)/.exec(status)?.groups?.['parent']);
}
