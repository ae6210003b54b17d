import { z } from 'zod';
import { startProgram } from './program.ts';

const counts = z.object({
  mails: z.number(),
  bursts: z.number(),
  connections: z.number(),
  bytes: z.number(),
  distinct: z.number(),
  repeated: z.number(),
});
export type SinkCounts = z.infer<typeof counts>;

export interface Sink {
  readonly port: number;
  /** Of the process, for signals. */
  readonly pid: number;
  /** Starts counting anew; resolves with the instant (epoch ms) at which this many mails have arrived. */
  awaitMails(count: number): Promise<number>;
  /** From now on each arrival is told. */
  watch(): void;
  /** The next arrival while watched: its Message-ID and the instant in epoch ms. */
  nextArrival(): Promise<{ messageId: string | null; atMs: number }>;
  counts(): Promise<SinkCounts>;
  stop(): Promise<void>;
}

/** A sink process on loopback that takes every mail. */
export async function startSink(options: { isPlain?: boolean } = {}): Promise<Sink> {
  const program = startProgram(
    'tests/bench/support/sink-program.ts',
    options.isPlain === true ? ['--plain'] : [],
  );
  const { port } = z.object({ port: z.number() }).parse(await program.next('listening'));
  return {
    port,
    pid: program.pid,
    awaitMails: async (count) => {
      program.tell(`await ${count}`);
      return z.object({ atMs: z.number() }).parse(await program.next('reached')).atMs;
    },
    watch: () => program.tell('watch'),
    nextArrival: async () =>
      z.object({ messageId: z.string().nullable(), atMs: z.number() }).parse(await program.next('arrived')),
    counts: async () => {
      program.tell('counts');
      return counts.parse(await program.next('counts'));
    },
    stop: () => program.stop(),
  };
}

/** Now as the sink tells time: epoch ms with fractions, comparable between processes of this machine. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
