import net from 'node:net';
import type { Endings } from './endings.ts';

/** A wire between two programs that can be made slow, silent or forgetful. */
export interface Line {
  readonly port: number;
  /** How long every piece travels, in ms. */
  delayMs: number;
  /** Holds everything back until it is false again. */
  isSilent: boolean;
  /** Refuses new connections. */
  isDown: boolean;
  /** The connections of this moment carry nothing from now on, and nobody is told; new ones work. */
  forget(): void;
  /** Breaks every connection. */
  cut(): void;
}

/** A line to a port of this machine. */
export async function startLine(target: number, endings: Endings): Promise<Line> {
  const pairs = new Set<Pair>();
  const line = {
    port: 0,
    delayMs: 0,
    isSilent: false,
    isDown: false,
    forget: () => {
      for (const pair of pairs) pair.isForgotten = true;
    },
    cut: () => {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
    },
  };
  const server = net.createServer({ noDelay: true }, (near) => {
    if (line.isDown) {
      near.on('error', () => undefined);
      near.destroy();
      return;
    }
    const far = net.connect({ port: target, host: '127.0.0.1', noDelay: true });
    const pair: Pair = { near, far, isForgotten: false };
    pairs.add(pair);
    carry(near, far, pair, line);
    carry(far, near, pair, line);
    for (const socket of [near, far]) {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        if (pair.isForgotten) return;
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  line.port = address !== null && typeof address === 'object' ? address.port : 0;
  endings.add(
    () =>
      new Promise((resolve) => {
        line.cut();
        server.close(resolve);
      }),
  );
  return line;
}

interface Pair {
  readonly near: net.Socket;
  readonly far: net.Socket;
  isForgotten: boolean;
}

function carry(from: net.Socket, to: net.Socket, pair: Pair, line: Pick<Line, 'delayMs' | 'isSilent'>): void {
  let last = Promise.resolve();
  const deliver = async (before: Promise<void>, dueMs: number, chunk: Buffer): Promise<void> => {
    await before;
    await sleep(dueMs - performance.now());
    while (line.isSilent) await sleep(20);
    if (!pair.isForgotten && to.writable) to.write(chunk);
  };
  from.on('data', (chunk: Buffer) => {
    const dueMs = performance.now() + line.delayMs;
    last = deliver(last, dueMs, chunk);
  });
}

function sleep(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
