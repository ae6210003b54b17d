import net from 'node:net';
import { endWithFile } from '#tests/support/file-endings.ts';

/** A wire to Postgres that keeps its answers back while the test says so. */
export interface HeldAnswers {
  readonly connectionString: string;
  /** What the client has said since the last change of what is kept back. */
  readonly said: string;
  /** Keeps answers back from now on, until the client has said `word`; null: keeps nothing back. */
  holdUntil(word: string | null): void;
  /** Keeps answers back as soon as the client says `word`. */
  holdFrom(word: string): void;
  /** Resolves when an answer is kept back. */
  held(): Promise<void>;
}

const passAll = (): boolean => true;

export async function holdAnswers(connectionString: string): Promise<HeldAnswers> {
  const address = new URL(connectionString);
  const target = { port: Number(address.port), host: address.hostname };
  const sockets = new Set<net.Socket>();
  let said = '';
  let mayPass: (said: string) => boolean = passAll;
  const waiting: (() => void)[] = [];
  const onHeld: (() => void)[] = [];
  const letPass = (): void => {
    if (!mayPass(said)) return;
    for (const pass of waiting.splice(0)) pass();
  };
  const server = net.createServer({ noDelay: true }, (near) => {
    const far = net.connect({ ...target, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (bytes) => {
      said += bytes.toString('latin1');
      far.write(bytes);
      letPass();
    });
    far.on('data', (bytes) => {
      waiting.push(() => near.write(bytes));
      letPass();
      if (waiting.length > 0) for (const tell of onHeld.splice(0)) tell();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  endWithFile(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const bound = server.address();
  address.port = String(bound !== null && typeof bound === 'object' ? bound.port : 0);
  const hold = (rule: (said: string) => boolean): void => {
    said = '';
    mayPass = rule;
    letPass();
  };
  return {
    connectionString: String(address),
    get said() {
      return said;
    },
    holdUntil: (word) => hold((text) => word === null || text.includes(word)),
    holdFrom: (word) => hold((text) => !text.includes(word)),
    held: () => new Promise((resolve) => onHeld.push(resolve)),
  };
}
