import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createAddressGuard } from '#lib/transports/address-guard.ts';
import type { HttpObserver, HttpRequest } from '#lib/transports/http/request.ts';
import { makeAuthority } from '#tests/servers/smtp/certificates.ts';
import { noAbort } from '#tests/servers/smtp/options.ts';
import { clientFor, startHttpsServer } from './https-server.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function get(url: string, observe?: HttpObserver): HttpRequest {
  return { method: 'GET', url, headers: {}, deadlineMs: 5000, observe };
}

async function okServer(names?: readonly string[]): ReturnType<typeof startHttpsServer> {
  const server = await startHttpsServer((_request, response) => void response.end('ok'), names);
  closing.push(() => server.close());
  return server;
}

async function outcome(client: ReturnType<typeof clientFor>, request: HttpRequest): Promise<string> {
  closing.push(() => client.close());
  const result = await client.request(request, noAbort());
  return result.kind === 'failed' ? `${result.fault.stage} ${result.fault.code}` : result.kind;
}

test('each step is told, and the certificate is checked against an own authority', async () => {
  const server = await okServer();
  const steps: string[] = [];
  const observe: HttpObserver = (stage, event) => steps.push(`${stage} ${event}`);
  await expect(outcome(clientFor(server.authority), get(server.url, observe))).resolves.toBe('answered');
  expect(steps).toEqual(
    ['resolve', 'connect', 'tls', 'http'].flatMap((stage) => [`${stage} running`, `${stage} done`]),
  );
});

test('a certificate of an unknown authority, and one for another name, end it before anything is sent', async () => {
  const server = await okServer();
  await expect(outcome(clientFor(null), get(server.url))).resolves.toBe('tls HTTP_TLS_UNTRUSTED');
  const stranger = await makeAuthority();
  await expect(outcome(clientFor(stranger), get(server.url))).resolves.toBe('tls HTTP_TLS_UNTRUSTED');
  const other = await okServer(['mail.example.test']);
  await expect(outcome(clientFor(other.authority), get(other.url))).resolves.toBe(
    'tls HTTP_TLS_NAME_MISMATCH',
  );
  const careless = clientFor(null, { checkCertificate: false });
  await expect(outcome(careless, get(server.url))).resolves.toBe('answered');
});

test('addresses of our own network, refused ports and unknown hosts are told apart', async () => {
  const server = await okServer();
  const guarded = clientFor(server.authority, { guard: createAddressGuard([]) });
  await expect(outcome(guarded, get(server.url))).resolves.toBe('resolve ADDRESS_NOT_ALLOWED');
  await server.close();
  closing.pop();
  await expect(outcome(clientFor(server.authority), get(server.url))).resolves.toBe(
    'connect CONNECT_REFUSED',
  );
  const lost = clientFor(null, {
    lookup: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
  });
  await expect(outcome(lost, get('https://nowhere.example'))).resolves.toBe('resolve HOST_UNKNOWN');
});

test('a port that never shakes hands meets its deadline; one that speaks no TLS is told', async () => {
  const mute = net.createServer((socket) => socket.resume());
  const plain = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume().end('220 smtp\r\n');
  });
  for (const [server, expected] of [
    [mute, 'tls HTTP_TIMEOUT'],
    [plain, 'tls HTTP_TLS_FAILED'],
  ] as const) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const client = clientFor(null, {
      deadlines: { dnsMs: 1000, connectMs: 1000, tlsMs: 300, idleMs: 1000 },
    });
    await expect(outcome(client, get(`https://127.0.0.1:${port}`))).resolves.toBe(expected);
    await new Promise((resolve) => server.close(resolve));
  }
});

test('nothing is asked in clear', async () => {
  const client = clientFor(null);
  await expect(client.request(get('http://127.0.0.1:1'), noAbort())).rejects.toThrow(RangeError);
});
