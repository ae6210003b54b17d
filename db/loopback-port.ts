import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether this process could listen there now. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return false;
  const probe = createServer();
  const opened = new Promise<boolean>((settle) => {
    probe.once('listening', () => settle(true));
    probe.once('error', () => settle(false));
  });
  probe.listen(port, host);
  const isFree = await opened;
  if (isFree) await new Promise((done) => probe.close(done));
  return isFree;
}

/** A loopback port that was free a moment ago. A server that can listen on port 0 itself should do that instead. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('This machine gave no free port.');
  return address.port;
}

/** The first free port from `wanted` on, within the next hundred. */
export async function nextFreePort(wanted: number, host?: string): Promise<number> {
  for (let port = wanted; port < wanted + 100; port += 1) {
    if (await isPortFree(port, host)) return port;
  }
  throw new Error(`No port from ${wanted} to ${wanted + 99} is free.`);
}
