import net from 'node:net';
import type { TestProxy } from './http-proxy.ts';

export interface Socks5Options {
  readonly signIn?: { readonly user: string; readonly password: string };
  /** Reply code to every CONNECT (RFC 1928 6); 0 lets it through. */
  readonly answer?: number;
}

/** A small SOCKS5 proxy (RFC 1928, RFC 1929) on loopback: CONNECT only. */
export async function startSocks5Proxy(options: Socks5Options = {}): Promise<TestProxy> {
  const targets: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    void serve(socket, options, targets).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    targets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function serve(socket: net.Socket, options: Socks5Options, targets: string[]): Promise<void> {
  const bytes = new ByteReader(socket);
  const [, methodCount = 0] = await bytes.take(2);
  const methods = [...(await bytes.take(methodCount))];
  const wanted = options.signIn === undefined ? 0 : 2;
  if (!methods.includes(wanted)) {
    socket.end(Buffer.from([5, 0xff]));
    return;
  }
  socket.write(Buffer.from([5, wanted]));
  if (options.signIn !== undefined && !(await isSignedIn(bytes, options.signIn))) {
    socket.end(Buffer.from([1, 1]));
    return;
  }
  if (options.signIn !== undefined) socket.write(Buffer.from([1, 0]));
  const [, , , kind = 0] = await bytes.take(4);
  const host = await takeHost(bytes, kind);
  const port = (await bytes.take(2)).readUInt16BE(0);
  targets.push(`${host}:${port}`);
  const answer = options.answer ?? 0;
  if (answer !== 0) {
    socket.end(Buffer.from([5, answer, 0, 1, 0, 0, 0, 0, 0, 0]));
    return;
  }
  const upstream = net.connect(port, host, () => {
    socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    bytes.handOver(upstream);
    upstream.pipe(socket);
  });
  upstream.on('error', () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
  upstream.on('close', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
}

async function isSignedIn(bytes: ByteReader, signIn: { user: string; password: string }): Promise<boolean> {
  const [, userLength = 0] = await bytes.take(2);
  const user = (await bytes.take(userLength)).toString('utf8');
  const [passwordLength = 0] = await bytes.take(1);
  const password = (await bytes.take(passwordLength)).toString('utf8');
  return user === signIn.user && password === signIn.password;
}

async function takeHost(bytes: ByteReader, kind: number): Promise<string> {
  if (kind === 1) return [...(await bytes.take(4))].join('.');
  if (kind === 3) {
    const [length = 0] = await bytes.take(1);
    return (await bytes.take(length)).toString('latin1');
  }
  const raw = await bytes.take(16);
  return raw.toString('hex').match(/.{4}/g)?.join(':') ?? '';
}

class ByteReader {
  readonly #socket: net.Socket;
  #held = Buffer.alloc(0);
  #wake: (() => void) | null = null;
  readonly #onData = (chunk: Buffer): void => {
    this.#held = Buffer.concat([this.#held, chunk]);
    this.#wake?.();
  };

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData);
  }

  async take(count: number): Promise<Buffer> {
    while (this.#held.length < count) {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        this.#socket.once('close', () => reject(new Error('closed')));
      });
    }
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  handOver(upstream: net.Socket): void {
    this.#socket.off('data', this.#onData);
    if (this.#held.length > 0) upstream.write(this.#held);
    this.#socket.pipe(upstream);
  }
}
