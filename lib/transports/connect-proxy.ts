import type { Socket } from 'node:net';
import { SocksClient } from 'socks';
import { ConnectError } from './connect-faults.ts';
import type { ProxySettings, SocketTarget } from './connect.ts';

/** An answer to CONNECT that is still growing after this many bytes is not one. */
const maxConnectAnswerBytes = 16_384;

/**
 * Asks the proxy at the other end of `socket` for a tunnel. Whatever the target said early stays readable on the
 * socket, which comes back paused.
 * @throws ConnectError at stage proxy
 */
export async function openTunnel(
  socket: Socket,
  proxy: ProxySettings,
  target: SocketTarget,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const onAbort = (): void => {
    socket.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) throw new ConnectError('proxy', 'CONNECT_ABORTED');
    switch (proxy.kind) {
      case 'http':
        await tunnelByHttp(socket, proxy, target);
        break;
      case 'socks5':
        await tunnelBySocks(socket, proxy, target, timeoutMs);
        break;
      default: {
        const never: never = proxy.kind;
        throw new RangeError(String(never));
      }
    }
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw new ConnectError('proxy', 'CONNECT_ABORTED');
    throw error instanceof ConnectError ? error : new ConnectError('proxy', 'PROXY_REFUSED');
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** HTTP CONNECT (RFC 9110 9.3.6) with Basic sign-in. */
async function tunnelByHttp(socket: Socket, proxy: ProxySettings, target: SocketTarget): Promise<void> {
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (proxy.userName !== null) {
    const pair = Buffer.from(`${proxy.userName}:${proxy.password ?? ''}`, 'utf8').toString('base64');
    lines.push(`Proxy-Authorization: Basic ${pair}`);
  }
  const answer = readConnectAnswer(socket);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const status = await answer;
  if (status >= 200 && status < 300) return;
  if (status === 407) throw new ConnectError('proxy', 'PROXY_AUTH_REFUSED');
  if (status >= 500) throw new ConnectError('proxy', 'PROXY_TARGET_UNREACHABLE');
  throw new ConnectError('proxy', 'PROXY_REFUSED');
}

function readConnectAnswer(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const finish = (settle: () => void): void => {
      socket.off('data', onData);
      socket.off('error', onEnd);
      socket.off('close', onEnd);
      socket.pause();
      settle();
    };
    const onEnd = (): void => finish(() => reject(new ConnectError('proxy', 'PROXY_REFUSED')));
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end < 0 && received.length <= maxConnectAnswerBytes) return;
      const status = /^HTTP\/1\.[01] (?<status>\d{3})/.exec(received.toString('latin1', 0, 32))?.groups?.[
        'status'
      ];
      if (end < 0 || status === undefined) return onEnd();
      finish(() => {
        const rest = received.subarray(end + 4);
        if (rest.length > 0) socket.unshift(rest);
        resolve(Number(status));
      });
    };
    socket.on('data', onData);
    socket.once('error', onEnd);
    socket.once('close', onEnd);
    socket.resume();
  });
}

/** SOCKS5 (RFC 1928) with user and password (RFC 1929); the proxy resolves the name. */
function tunnelBySocks(
  socket: Socket,
  proxy: ProxySettings,
  target: SocketTarget,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = new SocksClient({
      command: 'connect',
      destination: { host: target.host, port: target.port },
      timeout: timeoutMs,
      proxy: {
        host: proxy.host,
        port: proxy.port,
        type: 5,
        ...(proxy.userName === null ? {} : { userId: proxy.userName, password: proxy.password ?? '' }),
      },
    });
    const early: Buffer[] = [];
    const onData = (chunk: Buffer): void => {
      early.push(chunk);
    };
    client.once('error', (error: Error) => reject(new ConnectError('proxy', socksFault(error.message))));
    // The library replays early bytes as a bare 'data' event one turn later: caught here and put back.
    client.once('established', () => {
      socket.on('data', onData);
      setImmediate(() => {
        socket.pause();
        socket.off('data', onData);
        if (early.length > 0) socket.unshift(Buffer.concat(early));
        resolve();
      });
    });
    client.connect(socket);
    socket.resume();
  });
}

function socksFault(text: string): 'PROXY_AUTH_REFUSED' | 'PROXY_TARGET_UNREACHABLE' | 'PROXY_REFUSED' {
  if (/authentication/i.test(text)) return 'PROXY_AUTH_REFUSED';
  if (/HostUnreachable|NetworkUnreachable|ConnectionRefused|TTLExpired/i.test(text)) {
    return 'PROXY_TARGET_UNREACHABLE';
  }
  return 'PROXY_REFUSED';
}
