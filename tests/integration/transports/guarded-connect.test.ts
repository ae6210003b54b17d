import { describe, expect, test } from 'vitest';
import { createAddressGuard } from '#lib/transports/address-guard.ts';
import { buildTransport } from '#lib/transports/build-transport.ts';
import { openGuardedSocket, type ConnectOptions } from '#lib/transports/connect.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { noAbort, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';

const kept = closeAfterEach();

const answering =
  (...addresses: readonly string[]) =>
  (): Promise<readonly string[]> =>
    Promise.resolve(addresses);

const failing = (code: string) => (): Promise<readonly string[]> =>
  Promise.reject(Object.assign(new Error(code), { code }));

async function open(host: string, port: number, changes: Partial<ConnectOptions> = {}, signal = noAbort()) {
  const options = {
    guard: createAddressGuard([]),
    proxy: null,
    dnsTimeoutMs: 2000,
    connectTimeoutMs: 4000,
    ...changes,
  };
  const result = await openGuardedSocket({ host, port }, options, signal);
  if (result.ok) result.socket.destroy();
  return result.ok ? 'connected' : `${result.fault.stage} ${result.fault.code}`;
}

describe('PRODUCT 10.4: a server address must not reach the own network', () => {
  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::1]',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '0.0.0.0',
    '169.254.169.254',
    '10.0.0.1',
    'localhost',
  ])('%s is refused though something listens', async (host) => {
    const server = kept(await startHostileServer());
    expect(await open(host, server.port)).toBe('resolve ADDRESS_NOT_ALLOWED');
    expect(server.connectionCount()).toBe(0);
  });

  test('one bad address among good ones refuses the name', async () => {
    const lookup = answering('198.51.100.7', '93.184.216.34', '10.0.0.5');
    expect(await open('mixed.example.test', 25, { lookup })).toBe('resolve ADDRESS_NOT_ALLOWED');
  });

  test('DNS rebinding: the address that was checked is the one that is used', async () => {
    const good = kept(await startHostileServer());
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['10.9.9.9']];
    let asked = 0;
    const lookup = () => {
      asked += 1;
      return Promise.resolve(answers[asked - 1] ?? []);
    };
    const guard = createAddressGuard([`127.0.0.1:${good.port}`]);
    const transport = kept(
      buildTransport(
        smtpOptions(good.port, {
          endpoint: { host: 'rebinding.example.test', port: good.port },
          addressGuard: guard,
          lookup,
          maxMessagesPerConnection: 1,
        }),
      ),
    );
    await expect(transport.send(testMail(), noAbort())).resolves.toMatchObject({ kind: 'accepted' });
    expect(asked).toBe(1);
    await expect(transport.send(testMail(), noAbort())).resolves.toMatchObject({
      kind: 'unreachable',
      fault: { stage: 'resolve', code: 'ADDRESS_NOT_ALLOWED' },
    });
    expect(asked).toBe(2);
    expect(good.connectionCount()).toBe(1);
  });

  test('the operator allows by network, address with port, or name', async () => {
    const server = kept(await startHostileServer());
    const other = kept(await startHostileServer());
    const byNetwork = { guard: createAddressGuard(['127.0.0.0/8']) };
    const byPort = { guard: createAddressGuard([`127.0.0.1:${server.port}`]) };
    const byName = {
      guard: createAddressGuard(['relay.intern']),
      lookup: answering('127.0.0.1'),
    };
    expect(await open('127.0.0.1', server.port, byNetwork)).toBe('connected');
    expect(await open('127.0.0.1', server.port, byPort)).toBe('connected');
    expect(await open('127.0.0.1', other.port, byPort)).toBe('resolve ADDRESS_NOT_ALLOWED');
    expect(await open('Relay.Intern.', server.port, byName)).toBe('connected');
    expect(await open('relay.extern', server.port, byName)).toBe('resolve ADDRESS_NOT_ALLOWED');
  });
});

describe('faults on the way to the server', () => {
  const loopback = { guard: createAddressGuard(['127.0.0.0/8', '192.0.2.0/24']) };

  test('an unknown name, no answer, a broken answer', async () => {
    expect(await open('x.example.test', 25, { lookup: failing('ENOTFOUND') })).toBe('resolve HOST_UNKNOWN');
    expect(await open('x.example.test', 25, { lookup: answering() })).toBe('resolve HOST_UNKNOWN');
    expect(await open('x.example.test', 25, { lookup: failing('EAI_AGAIN') })).toBe('resolve DNS_FAILED');
    const silent = { lookup: () => new Promise<readonly string[]>(() => undefined), dnsTimeoutMs: 20 };
    expect(await open('x.example.test', 25, silent)).toBe('resolve DNS_TIMEOUT');
    expect(await open('x.example.test', 25, { ...silent, dnsTimeoutMs: 60_000, connectTimeoutMs: 20 })).toBe(
      'resolve DNS_TIMEOUT',
    );
  });

  test('a closed port', async () => {
    const server = await startHostileServer();
    await server.close();
    expect(await open('127.0.0.1', server.port, loopback)).toBe('connect CONNECT_REFUSED');
  });

  test('the next address is tried when one fails', async () => {
    const server = kept(await startHostileServer());
    const lookup = answering('127.0.0.9', '127.0.0.1');
    expect(await open('two.example.test', server.port, { ...loopback, lookup })).toBe('connected');
  });

  test('an abort ends it, whatever step it is at', async () => {
    const controller = new AbortController();
    const lookup = () => {
      controller.abort();
      return new Promise<readonly string[]>(() => undefined);
    };
    expect(await open('x.example.test', 25, { lookup }, controller.signal)).toBe('resolve CONNECT_ABORTED');
    expect(await open('127.0.0.1', 25, loopback, AbortSignal.abort())).toBe('connect CONNECT_ABORTED');
  });
});
