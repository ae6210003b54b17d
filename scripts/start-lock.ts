import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { processCommand } from '#db/embedded-leftover.ts';

const runningSchema = z.object({
  pid: z.number(),
  portalUrl: z.string().optional(),
  databaseUrl: z.string().optional(),
  inboxPort: z.number().optional(),
  signIn: z.object({ email: z.string(), password: z.string() }).optional(),
});

/** What a running `npm start` says about itself, in `.data/running.json`, to its owner alone. */
export type Running = z.infer<typeof runningSchema>;

export class AlreadyRunningError extends Error {
  constructor(running: Running) {
    const where = running.portalUrl === undefined ? '' : ` at ${running.portalUrl}`;
    super(
      `Mailroom already runs in this folder${where} (process ${running.pid}). Stop it first, or give another MAILROOM_DATA_DIR.`,
    );
    this.name = 'AlreadyRunningError';
  }
}

export interface StartLock {
  update(changes: Partial<Omit<Running, 'pid'>>): Promise<void>;
  release(): Promise<void>;
}

function lockFile(dataFolder: string): string {
  return join(dataFolder, 'running.json');
}

/** Takes the data folder for this process, so that two starts never work on one database folder. */
export async function takeStartLock(dataFolder: string): Promise<StartLock> {
  await mkdir(dataFolder, { recursive: true });
  const file = lockFile(dataFolder);
  const earlier = await readRunning(dataFolder);
  if (earlier !== null && earlier.pid !== process.pid) {
    if (await isStart(earlier.pid)) throw new AlreadyRunningError(earlier);
    await rm(file, { force: true });
  }
  let running: Running = { pid: process.pid };
  try {
    await writeFile(file, JSON.stringify(running), { mode: 0o600, flag: 'wx' });
  } catch {
    throw new AlreadyRunningError((await readRunning(dataFolder)) ?? { pid: 0 });
  }
  return {
    async update(changes) {
      running = { ...running, ...changes };
      await writeFile(file, JSON.stringify(running), { mode: 0o600 });
    },
    async release() {
      // A later start may have taken the folder over, should this one's file have been removed under it.
      if ((await readRunning(dataFolder))?.pid === process.pid) await rm(file, { force: true });
    },
  };
}

/** What the start that holds this folder says about itself, or null when none does. */
export async function readRunning(dataFolder: string): Promise<Running | null> {
  const text = await readFile(lockFile(dataFolder), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return runningSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

// A number alone may belong to another program by now.
async function isStart(pid: number): Promise<boolean> {
  return (await processCommand(pid))?.includes('scripts/start.ts') === true;
}
