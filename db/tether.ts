import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface TetheredProcess {
  /** The shell that holds the tether leads its own process group: `-pid` reaches the program too. */
  readonly pid: number;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
  /** Settles once, when the program has ended by itself or by a signal. */
  readonly exited: Promise<ProcessExit>;
  /** Asks the program to end, and kills its whole group after `graceMs`. */
  stop(graceMs: number): Promise<ProcessExit>;
  /** Sends a signal to the program and everything that it has started. */
  signal(signal: NodeJS.Signals): void;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface TetherOptions {
  readonly cwd?: string;
  /** The whole environment of the program; left out, it gets this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The signal that asks this program to end in order. */
  readonly stopSignal: 'TERM' | 'INT';
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
}

// File descriptor 3 is a pipe whose other end lives in this process alone. When this process ends, however it
// ends, the pipe closes and the shell asks the program to stop: a kill -9 leaves nothing behind.
const tetherScript = `
stop=$1; shift
"$@" 3<&- &
program=$!
{ read -r _ <&3; kill -s "$stop" "$program"; } 2>/dev/null &
watcher=$!
wait "$program"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;

/** Starts a program that cannot outlive this process, in a session of its own that a Ctrl-C does not reach. */
export function spawnTethered(
  command: string,
  args: readonly string[],
  options: TetherOptions,
): TetheredProcess {
  const child = spawn('/bin/sh', ['-c', tetherScript, 'tether', options.stopSignal, command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { NODE_ENV: process.env.NODE_ENV, ...(options.env ?? process.env) },
    ...options.account,
  });
  return tethered(child, command);
}

function tethered(child: ChildProcess, command: string): TetheredProcess {
  const { stdout, stderr, pid } = child;
  const line = child.stdio[3];
  if (stdout === null || stderr === null || line === null || line === undefined || pid === undefined) {
    throw new Error(`${command} could not be started.`);
  }
  line.on('error', () => undefined);
  const exited = once(child, 'exit').then((): ProcessExit => ({
    code: child.exitCode,
    signal: child.signalCode,
  }));
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  };
  return {
    pid,
    stdout,
    stderr,
    exited,
    signal,
    async stop(graceMs) {
      if (child.exitCode !== null || child.signalCode !== null) return await exited;
      line.destroy();
      const timer = setTimeout(() => signal('SIGKILL'), graceMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
