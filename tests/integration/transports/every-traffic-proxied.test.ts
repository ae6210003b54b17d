import { describe, expect, test } from 'vitest';
import type { ProxySettings } from '#lib/transports/connect.ts';
import { startHttpProxy, type TestProxy } from '#tests/servers/proxy/http-proxy.ts';
import { startSocks5Proxy } from '#tests/servers/proxy/socks5-proxy.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { watchOutgoing } from './outgoing.ts';
import { traffics } from './proxied-traffic.ts';

const kept = closeAfterEach();
const outgoing = watchOutgoing();
const signIn = { user: 'proxy-user', password: 'proxy: secret ü' };

const proxies: readonly (readonly [ProxySettings['kind'], (refuses: boolean) => Promise<TestProxy>])[] = [
  ['http', (refuses) => startHttpProxy(signIn, refuses)],
  ['socks5', (refuses) => startSocks5Proxy({ signIn, answer: refuses ? 2 : 0 })],
];

describe.each(proxies)('PRODUCT 2.10: a %s proxy', (kind, startProxy) => {
  function through(proxy: TestProxy, changes: Partial<ProxySettings> = {}): ProxySettings {
    return {
      kind,
      host: '127.0.0.1',
      port: proxy.port,
      userName: signIn.user,
      password: signIn.password,
      noProxy: [],
      ...changes,
    };
  }

  describe.each(traffics)('for %s', (_what, startTraffic) => {
    test('carries everything, with user and password, and nothing goes around it', async () => {
      const proxy = kept(await startProxy(false));
      const traffic = kept(await startTraffic());
      await expect(traffic.exchange(through(proxy))).resolves.toMatchObject({ kind: 'accepted' });
      expect(traffic.arrived()).toBe(1);
      expect(new Set(proxy.targets)).toEqual(new Set([`127.0.0.1:${traffic.port}`]));
      expect(outgoing.to(traffic.port)).toBe(proxy.targets.length);
    });

    test('is left out for what stands on the no-proxy list', async () => {
      const proxy = kept(await startProxy(false));
      const traffic = kept(await startTraffic());
      const settings = through(proxy, { noProxy: ['other.example', '127.0.0.1'] });
      await expect(traffic.exchange(settings)).resolves.toMatchObject({ kind: 'accepted' });
      expect(traffic.arrived()).toBe(1);
      expect(proxy.targets).toEqual([]);
      expect(outgoing.to(proxy.port)).toBe(0);
    });

    test.each([
      ['a wrong password', { password: 'wrong' }],
      ['no user and password', { userName: null, password: null }],
    ])('says of %s that it is the proxy that refuses', async (_why, changes) => {
      const proxy = kept(await startProxy(false));
      const traffic = kept(await startTraffic());
      await expect(traffic.exchange(through(proxy, changes))).resolves.toMatchObject({
        kind: 'credentials',
        fault: { stage: traffic.stage, code: 'PROXY_AUTH_REFUSED' },
      });
      expect(outgoing.to(traffic.port)).toBe(0);
    });

    test('that forbids the server says so in its own code', async () => {
      const proxy = kept(await startProxy(true));
      const traffic = kept(await startTraffic());
      await expect(traffic.exchange(through(proxy))).resolves.toMatchObject({
        kind: 'unreachable',
        fault: { stage: traffic.stage, code: 'PROXY_REFUSED' },
      });
      expect(outgoing.to(traffic.port)).toBe(0);
    });

    test('that is not there is told apart from a server that is not there', async () => {
      const proxy = await startProxy(false);
      await proxy.close();
      const traffic = kept(await startTraffic());
      await expect(traffic.exchange(through(proxy))).resolves.toMatchObject({
        kind: 'unreachable',
        fault: { stage: traffic.stage, code: 'PROXY_UNREACHABLE' },
      });
      expect(outgoing.to(traffic.port)).toBe(0);
    });
  });
});
