import { once } from 'node:events';
import { createServer } from 'node:net';

/** A loopback port that was free a moment ago. A server that can listen on port 0 itself should do that instead. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
