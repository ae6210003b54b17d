import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createAddressGuard } from '#lib/transports/address-guard.ts';
import { createHttpClient, type HttpClient } from '#lib/transports/http/client.ts';
import type { HttpClientOptions } from '#lib/transports/http/open-connection.ts';
import { makeAuthority, makeCertificate, type TestCertificate } from '#tests/servers/smtp/certificates.ts';

export interface TestHttpsServer {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  readonly authority: TestCertificate;
  /** How many connections have been opened so far. */
  readonly connections: () => number;
  readonly lastSocket: () => TLSSocket;
  close(): Promise<void>;
}

export async function startHttpsServer(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
  names: readonly string[] = ['127.0.0.1', 'localhost'],
): Promise<TestHttpsServer> {
  const authority = await makeAuthority();
  const { cert, key } = await makeCertificate({ names, authority });
  const server = createServer({ cert, key, keepAliveTimeout: 60_000 }, (request, response) => {
    void answer(request, response);
  });
  const sockets: TLSSocket[] = [];
  server.on('secureConnection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = addressOf(server);
  return {
    server,
    port,
    url: `https://127.0.0.1:${port}`,
    authority,
    connections: () => sockets.length,
    lastSocket() {
      const last = sockets.at(-1);
      if (last === undefined) throw new Error('Nobody has connected');
      return last;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address;
}

export function clientFor(
  authority: TestCertificate | null,
  changes: Partial<HttpClientOptions> = {},
): HttpClient {
  return createHttpClient({
    guard: createAddressGuard(['127.0.0.0/8']),
    proxy: null,
    checkCertificate: true,
    customCa: authority?.cert ?? null,
    maxConnectionsPerOrigin: 4,
    deadlines: { dnsMs: 5000, connectMs: 5000, tlsMs: 5000, idleMs: 10_000 },
    ...changes,
  });
}

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
