import { expect, test } from 'vitest';
import { portalHost } from '#app/_server/portal-host.ts';
import { redirectWarning } from '#lib/settings/redirect-rules.ts';

const path = '/oauth/callback';

test.each([
  ['microsoft', 'https://mailroom.contoso.com'],
  ['microsoft', 'https://mailroom.lan'],
  ['microsoft', 'https://10.0.0.7'],
  ['microsoft', 'http://localhost:3000'],
  ['google', 'https://mailroom.contoso.com'],
  ['google', 'http://localhost:3000'],
  ['google', 'http://127.0.0.1:3000'],
  ['google', 'http://[::1]:3000'],
  ['other', 'http://mailroom.lan'],
] as const)('%s takes %s', (provider, portal) => {
  expect(redirectWarning(provider, portal + path)).toBeNull();
});

test.each([
  ['microsoft', 'http://mailroom.contoso.com', 'over https'],
  ['microsoft', 'http://127.0.0.1:3000', 'http://localhost:3000'],
  ['microsoft', 'http://mailroom.localhost', 'over https'],
  ['google', 'http://mailroom.contoso.com', 'over https'],
  ['google', 'https://mailroom', 'public name'],
  ['google', 'https://mailroom.lan', 'public name'],
  ['google', 'https://mail.home.arpa', 'public name'],
  ['google', 'https://10.0.0.7', 'public name'],
  ['google', 'https://[2001:db8::1]', 'public name'],
] as const)('%s refuses %s, and the way out says what to do', (provider, portal, way) => {
  const warning = redirectWarning(provider, portal + path);
  expect(warning).toMatchObject({ code: 'redirect_refused' });
  expect(warning?.wayOut).toContain(way);
});

const headers = new Headers({ host: 'portal:3000', 'x-forwarded-host': 'evil.test, mailroom.contoso.com' });

test('behind a proxy of our own, the host that it wrote last is the one of the page (PRODUCT 2.9)', () => {
  expect(portalHost(headers, { isBehindProxy: true })).toBe('mailroom.contoso.com');
  const plain = new Headers({ host: 'mailroom.contoso.com' });
  expect(portalHost(plain, { isBehindProxy: true })).toBe('mailroom.contoso.com');
});

test('without one, nobody is believed about the host', () => {
  expect(portalHost(headers, { isBehindProxy: false })).toBe('portal:3000');
  expect(portalHost(new Headers(), { isBehindProxy: false })).toBe('');
});
