import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { createAddressGuard } from '#lib/transports/address-guard.ts';
import { buildTransport } from '#lib/transports/build-transport.ts';
import type { ProxySettings } from '#lib/transports/connect.ts';
import type { SmtpTransportOptions } from '#lib/transports/smtp/settings.ts';
import { startHttpProxy } from '#tests/servers/proxy/http-proxy.ts';
import { startSocks5Proxy } from '#tests/servers/proxy/socks5-proxy.ts';
import { makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { noAbort, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';

const kept = closeAfterEach();
const signIn = { user: 'proxy-user', password: 'proxy secret' };

function proxySettings(
  kind: ProxySettings['kind'],
  port: number,
  changes: Partial<ProxySettings> = {},
): ProxySettings {
  return { kind, host: '127.0.0.1', port, userName: null, password: null, noProxy: [], ...changes };
}

async function send(port: number, changes: Partial<SmtpTransportOptions>) {
  return kept(buildTransport(smtpOptions(port, changes))).send(testMail(), noAbort());
}

const kinds = [
  ['http', (withSignIn: boolean) => startHttpProxy(withSignIn ? signIn : null)],
  ['socks5', (withSignIn: boolean) => startSocks5Proxy(withSignIn ? { signIn } : {})],
] as const;

describe.each(kinds)('PRODUCT 2.10: a %s proxy', (kind, start) => {
  test.each([false, true])('carries the mail, asking for a sign-in: %s', async (withSignIn) => {
    const proxy = kept(await start(withSignIn));
    const server = kept(await startRealServer());
    const credentials = withSignIn ? { userName: signIn.user, password: signIn.password } : {};
    const outcome = await send(server.port, { proxy: proxySettings(kind, proxy.port, credentials) });
    expect(outcome.kind).toBe('accepted');
    expect(proxy.targets).toContain(`127.0.0.1:${server.port}`);
    expect(server.mails).toHaveLength(1);
  });

  test('carries TLS from the first byte, the name still checked', async () => {
    const proxy = kept(await start(false));
    const certificate = await makeCertificate({ names: ['127.0.0.1'] });
    const server = kept(await startRealServer({ ...certificate, secure: true }));
    const outcome = await send(server.port, {
      protocol: 'smtps',
      customCa: certificate.cert,
      proxy: proxySettings(kind, proxy.port),
    });
    expect(outcome.kind).toBe('accepted');
  });

  test('with a wrong password is the fault of the proxy, not of the server', async () => {
    const proxy = kept(await start(true));
    const server = kept(await startHostileServer());
    const wrong = { userName: signIn.user, password: 'wrong' };
    const outcome = await send(server.port, { proxy: proxySettings(kind, proxy.port, wrong) });
    expect(outcome).toEqual({
      kind: 'credentials',
      fault: { stage: 'proxy', scope: 'host', code: 'PROXY_AUTH_REFUSED', reply: null },
    });
    expect(server.connectionCount()).toBe(0);
  });

  test('that cannot reach the server says so', async () => {
    const proxy = kept(await start(false));
    const gone = await startHostileServer();
    await gone.close();
    const outcome = await send(gone.port, { proxy: proxySettings(kind, proxy.port) });
    // This HTTP proxy closes without an answer, which may as well be a refusal.
    const code = kind === 'http' ? 'PROXY_REFUSED' : 'PROXY_TARGET_UNREACHABLE';
    expect(outcome).toMatchObject({ kind: 'unreachable', fault: { stage: 'proxy', code } });
  });

  test('that is not there is told apart from a server that is not there', async () => {
    const proxy = await start(false);
    await proxy.close();
    const outcome = await send(25, { proxy: proxySettings(kind, proxy.port) });
    expect(outcome).toMatchObject({
      kind: 'unreachable',
      fault: { stage: 'proxy', code: 'PROXY_UNREACHABLE' },
    });
  });

  test('is left out for hosts on the no-proxy list', async () => {
    const proxy = kept(await start(false));
    const server = kept(await startRealServer());
    const outcome = await send(server.port, {
      proxy: proxySettings(kind, proxy.port, { noProxy: ['127.0.0.0/8'] }),
    });
    expect(outcome.kind).toBe('accepted');
    expect(proxy.targets).toEqual([]);
  });

  test.each([
    '10.0.0.1',
    '2130706433',
    '[::1]',
    '169.254.169.254',
    'localhost',
    'db',
    'metadata.google.internal',
    'x.test\r\nX: y',
    'x.test:80 HTTP/1.1',
  ])('is not asked for %s', async (host) => {
    const proxy = kept(await start(false));
    const outcome = await send(25, {
      endpoint: { host, port: 25 },
      proxy: proxySettings(kind, proxy.port),
      addressGuard: createAddressGuard([`127.0.0.1:${proxy.port}`]),
    });
    expect(outcome).toMatchObject({
      kind: 'unreachable',
      fault: { stage: 'proxy', code: 'ADDRESS_NOT_ALLOWED' },
    });
    expect(proxy.targets).toEqual([]);
  });

  test('must itself be allowed', async () => {
    const proxy = kept(await start(false));
    const outcome = await send(25, {
      endpoint: { host: 'mail.example.test', port: 25 },
      proxy: proxySettings(kind, proxy.port),
      addressGuard: createAddressGuard([]),
    });
    expect(outcome).toMatchObject({ fault: { stage: 'proxy', code: 'ADDRESS_NOT_ALLOWED' } });
  });

  test('that hangs is left behind at the deadline', async () => {
    const silent = kept(await startRawServer(() => undefined));
    const options = smtpOptions(25, { proxy: proxySettings(kind, silent.port) });
    const outcome = await send(25, { ...options, deadlines: { ...options.deadlines, connectMs: 100 } });
    expect(outcome).toMatchObject({ kind: 'unreachable', fault: { stage: 'proxy' } });
  });
});

test('a SOCKS5 proxy that forbids the target has its own code', async () => {
  const proxy = kept(await startSocks5Proxy({ answer: 2 }));
  const outcome = await send(25, { proxy: proxySettings('socks5', proxy.port) });
  expect(outcome).toMatchObject({ kind: 'unreachable', fault: { code: 'PROXY_REFUSED' } });
});

test.each([
  ['nonsense', '220 secret banner\r\n\r\n', 'PROXY_REFUSED'],
  ['403', 'HTTP/1.1 403 Forbidden\r\n\r\n', 'PROXY_REFUSED'],
  ['407', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'PROXY_AUTH_REFUSED'],
  ['502', 'HTTP/1.1 502 Bad Gateway\r\n\r\n', 'PROXY_TARGET_UNREACHABLE'],
])(
  'an HTTP proxy that answers %s has its own code, and its words are not kept',
  async (_name, answer, code) => {
    const odd = kept(await startRawServer((socket) => socket.end(answer)));
    const outcome = await send(25, { proxy: proxySettings('http', odd.port) });
    expect(outcome).toMatchObject({ fault: { stage: 'proxy', code, reply: null } });
  },
);

test('a greeting that comes in one piece with the answer of the proxy is not lost', async () => {
  const hasty = kept(
    await startRawServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n554 5.3.2 hasty greeting\r\n'));
    }),
  );
  const outcome = await send(25, { proxy: proxySettings('http', hasty.port) });
  expect(outcome).toMatchObject({ fault: { stage: 'greet', reply: { code: 554, text: 'hasty greeting' } } });
});

async function startRawServer(serve: (socket: net.Socket) => void) {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
