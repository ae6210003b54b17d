import net from 'node:net';
import { ConnectError, systemCode, type ConnectFaultCode } from './connect-faults.ts';

/**
 * Connects to the first of the pinned addresses that answers; each gets its share of the time that is left.
 * The socket comes back paused and without listeners of ours.
 * @throws ConnectError at stage connect, with the fault of the last address tried
 */
export async function connectToAddresses(
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<net.Socket> {
  const deadline = performance.now() + timeoutMs;
  let lastFault: ConnectFaultCode = 'CONNECT_FAILED';
  for (const [index, address] of addresses.entries()) {
    const shareMs = Math.max(1, (deadline - performance.now()) / (addresses.length - index));
    const result = await connectToAddress(address, port, shareMs, signal);
    if (result instanceof net.Socket) return result;
    lastFault = result;
    if (signal.aborted) break;
  }
  throw new ConnectError('connect', signal.aborted ? 'CONNECT_ABORTED' : lastFault);
}

function connectToAddress(
  address: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<net.Socket | ConnectFaultCode> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port });
    const finish = (result: net.Socket | ConnectFaultCode): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('connect');
      socket.removeAllListeners('error');
      if (result !== socket) {
        socket.on('error', () => undefined);
        socket.destroy();
      }
      resolve(result);
    };
    const timer = setTimeout(() => finish('CONNECT_TIMEOUT'), timeoutMs);
    const onAbort = (): void => finish('CONNECT_ABORTED');
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => finish(socket.pause()));
    socket.once('error', (error) => finish(tcpFault(error)));
    if (signal.aborted) onAbort();
  });
}

function tcpFault(error: Error): ConnectFaultCode {
  switch (systemCode(error)) {
    case 'ECONNREFUSED':
      return 'CONNECT_REFUSED';
    case 'ETIMEDOUT':
      return 'CONNECT_TIMEOUT';
    default:
      return 'CONNECT_FAILED';
  }
}
