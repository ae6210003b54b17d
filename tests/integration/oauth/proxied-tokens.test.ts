import { beforeEach, describe, expect, test } from 'vitest';
import type { Context, Services } from '#lib/context.ts';
import type { MailSettingsFields } from '#lib/settings/schemas.ts';
import { startHttpProxy } from '#tests/servers/proxy/http-proxy.ts';
import { startSocks5Proxy } from '#tests/servers/proxy/socks5-proxy.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  type TestProject,
  testServices,
} from '#tests/support/factories.ts';
import { watchOutgoing } from '../transports/outgoing.ts';
import {
  connectProject,
  endAccessToken,
  makeIssuer,
  oauthInput,
  saveOauth,
  tokensOf,
} from './oauth-scene.ts';

const { database } = await createTestDatabase();
const kept = closeAfterEach();
const outgoing = watchOutgoing();
const signal = new AbortController().signal;
const signIn = { user: 'proxy-user', password: 'proxy secret' };
let services: Services;
let ctx: Context;
let project: TestProject;

beforeEach(async () => {
  const given = testServices(database);
  // A name that goes to the proxy unresolved must be allowed by name.
  const allowedAddresses = [...given.settings.allowedAddresses, 'localhost'];
  services = { ...given, settings: { ...given.settings, allowedAddresses } };
  const organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
});

const proxies = [
  ['http', () => startHttpProxy(signIn)],
  ['socks5', () => startSocks5Proxy({ signIn })],
] as const;

describe.each(proxies)('PRODUCT 2.10: a saved %s proxy', (kind, startProxy) => {
  function withProxy(
    input: MailSettingsFields,
    port: number,
    password = signIn.password,
  ): MailSettingsFields {
    const server: MailSettingsFields['proxy']['server'] = {
      kind,
      host: '127.0.0.1',
      port,
      userName: signIn.user,
      password: { kind: 'set', value: password },
      noProxy: [],
    };
    return { ...input, proxy: { use: true, server } };
  }

  test.each(['microsoft', 'google', 'other'] as const)(
    'carries code and refresh of %s, and nothing goes around it',
    async (provider) => {
      const proxy = kept(await startProxy());
      const issuer = kept(await makeIssuer(provider));
      const consentsOfTheBrowser = () => outgoing.to(issuer.port) - proxy.targets.length;
      await connectProject(ctx, project, withProxy(oauthInput(provider, issuer), proxy.port));
      const browserAlone = consentsOfTheBrowser();
      expect(proxy.targets).toContain(`localhost:${issuer.port}`);
      await endAccessToken(database, project);
      const tokens = await tokensOf(services, ctx, project);
      await expect(tokens.accessToken(null, signal)).resolves.toMatchObject({ kind: 'token' });
      expect(issuer.tokenRequests.map(({ grantType }) => grantType)).toEqual([
        'authorization_code',
        'refresh_token',
      ]);
      expect(proxy.targets.length).toBeGreaterThan(1);
      expect(consentsOfTheBrowser()).toBe(browserAlone);
    },
  );

  test('whose password is wrong is told apart from a server that refuses', async () => {
    const proxy = kept(await startProxy());
    const issuer = kept(await makeIssuer('microsoft'));
    await connectProject(ctx, project, withProxy(oauthInput('microsoft', issuer), proxy.port));
    await endAccessToken(database, project);
    await saveOauth(ctx, project, withProxy(oauthInput('microsoft', issuer), proxy.port, 'wrong'));
    const tokens = await tokensOf(services, ctx, project);
    await expect(tokens.accessToken(null, signal)).resolves.toMatchObject({
      kind: 'credentials',
      fault: { code: 'PROXY_AUTH_REFUSED' },
    });
    expect(issuer.tokenRequests).toHaveLength(1);
  });
});
