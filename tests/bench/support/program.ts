import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const projectRoot = resolve(import.meta.dirname, '../../..');

/** A helper program of the bench, in a process of its own, talked to over IPC. It ends when this process does. */
export interface BenchProgram {
  readonly pid: number;
  tell(message: string): void;
  /** The next message whose `event` is this one; rejects when the program ends first. */
  next(event: string): Promise<Readonly<Record<string, unknown>>>;
  stop(): Promise<void>;
}

export function startProgram(script: string, args: readonly string[]): BenchProgram {
  const child = fork(resolve(projectRoot, script), [...args], {
    cwd: projectRoot,
    execPath: process.execPath,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${script} could not be started`);
  const pending: Readonly<Record<string, unknown>>[] = [];
  const waiting: { event: string; take: (message: Readonly<Record<string, unknown>>) => void }[] = [];
  const ended = once(child, 'exit');
  child.on('message', (message) => {
    if (typeof message !== 'object' || message === null || !('event' in message)) return;
    const news: Readonly<Record<string, unknown>> = { ...message };
    const index = waiting.findIndex((waiter) => waiter.event === news['event']);
    const [waiter] = index === -1 ? [] : waiting.splice(index, 1);
    if (waiter === undefined) pending.push(news);
    else waiter.take(news);
  });
  return {
    pid,
    tell: (message) => void child.send(message),
    next: async (event) => {
      const index = pending.findIndex((message) => message['event'] === event);
      const [already] = index === -1 ? [] : pending.splice(index, 1);
      if (already !== undefined) return already;
      return await Promise.race([
        new Promise<Readonly<Record<string, unknown>>>((take) => waiting.push({ event, take })),
        ended.then(() => {
          throw new Error(`${script} ended before "${event}"`);
        }),
      ]);
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Tells the parent and ends this program with it. For the programs themselves. */
export function report(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.send?.({ event, ...fields });
}

/** Calls back for each word from the parent; ends this program when the parent is gone. */
export function onTold(take: (message: string) => void): void {
  process.on('message', (message) => take(String(message)));
  process.on('disconnect', () => process.exit(0));
}
