import { createHash, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { afterAll, describe, expect, test } from 'vitest';
import { type AuthorizationClient, withAuthorizationClient } from '#lib/oauth/authorization-client.ts';
import type { OauthSettings } from '#lib/oauth/oauth-settings.ts';
import { createAddressGuard } from '#lib/transports/address-guard.ts';
import { SmallBrowser } from '#tests/servers/oauth/browser.ts';
import { type Issuer, startIssuer } from '#tests/servers/oauth/issuer.ts';
import { makeAuthority, makeCertificate } from '#tests/servers/smtp/certificates.ts';

const redirectUri = 'http://localhost:3000/oauth/callback';
const account = 'billing@contoso.example';
const secret = 'the-value-of-the-secret';

const authority = await makeAuthority();
const certificate = await makeCertificate({ names: ['localhost'], authority });
const signIn = await generate([{ name: 'commonName', value: 'Mailroom' }], { keyType: 'rsa', keySize: 2048 });
const publicJwk = createPublicKey(
  new X509Certificate(signIn.cert).publicKey.export({ type: 'spki', format: 'pem' }),
).export({ format: 'jwk' });

const clients = [
  { clientId: 'mailroom', secret, redirectUris: [redirectUri] },
  {
    clientId: 'mailroom-certificate',
    secret: 'unused',
    redirectUris: [redirectUri],
    publicJwk: { ...publicJwk, use: 'sig' },
  },
];
const accounts = [account, 'ada@contoso.example'];
const microsoft = await startIssuer({ kind: 'microsoft', certificate, clients, accounts });
const google = await startIssuer({ kind: 'google', certificate, clients, accounts });
const other = await startIssuer({ kind: 'other', certificate, clients, accounts });
afterAll(() => Promise.all([microsoft, google, other].map((issuer) => issuer.close())));

function settings(issuer: Issuer, changes: Partial<OauthSettings> = {}): OauthSettings {
  const server: OauthSettings['server'] =
    issuer === microsoft
      ? { kind: 'microsoft', host: `localhost:${issuer.port}`, tenant: issuer.tenant }
      : {
          kind: issuer === google ? 'google' : 'other',
          authorizationUrl: issuer.authorizationUrl,
          tokenUrl: issuer.tokenUrl,
        };
  return {
    grantId: '01990000-0000-7000-8000-00000000000d',
    server,
    access: 'delegated',
    clientId: 'mailroom',
    credential: { kind: 'secret', secret },
    scopes:
      issuer === google ? ['https://mail.google.com/'] : ['Mail.Send', 'openid', 'email', 'offline_access'],
    account,
    http: {
      guard: createAddressGuard(['127.0.0.0/8', '::1']),
      proxy: null,
      checkCertificate: true,
      customCa: authority.cert,
      maxConnectionsPerOrigin: 1,
      deadlines: { dnsMs: 5_000, connectMs: 5_000, tlsMs: 5_000, idleMs: 1_000 },
    },
    ...changes,
  };
}

function within<T>(given: OauthSettings, work: (client: AuthorizationClient) => Promise<T>): Promise<T> {
  return withAuthorizationClient(given, AbortSignal.timeout(20_000), work);
}

async function consent(given: OauthSettings, as = account) {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const request = { redirectUri, state: 'the-state', nonce: 'the-nonce', challenge };
  const url = await within(given, (client) => client.authorizationUrl(request));
  const callback = new URL(await new SmallBrowser(authority.cert).consent(url, as));
  expect(callback.searchParams.get('state')).toBe('the-state');
  const code = callback.searchParams.get('code') ?? '';
  return within(given, (client) => client.redeemCode({ code, verifier, nonce: 'the-nonce', redirectUri }));
}

describe.each([
  ['Microsoft', microsoft],
  ['Google', google],
  ['another server', other],
])('%s', (_, issuer) => {
  test('gives tokens for a consent, and new ones for the refresh token', async () => {
    const given = settings(issuer);
    const first = await consent(given);
    if (!first.ok) throw new Error(JSON.stringify(first.refusal));
    expect(first.tokens.accounts).toContain(account);
    expect(first.tokens.refreshToken).not.toBeNull();
    expect(await issuer.readToken(first.tokens.accessToken)).toMatchObject({ account });
    const again = await within(given, (client) => client.refresh(first.tokens.refreshToken ?? ''));
    if (!again.ok) throw new Error(JSON.stringify(again.refusal));
    expect(again.tokens.accessToken).not.toBe(first.tokens.accessToken);
    // Google keeps the refresh token that it gave; the others give a new one each time.
    expect(
      again.tokens.refreshToken === null || again.tokens.refreshToken === first.tokens.refreshToken,
    ).toBe(issuer === google);
  });

  test('refuses a wrong secret with a code that has a remedy', async () => {
    const given = settings(issuer, { credential: { kind: 'secret', secret: 'another' } });
    const refused = await consent(given);
    expect(refused).toMatchObject({
      ok: false,
      refusal: {
        kind: 'credentials',
        fault: { stage: 'token', code: issuer === microsoft ? 'OAUTH_SECRET_WRONG' : 'OAUTH_CLIENT_REFUSED' },
      },
    });
    expect(JSON.stringify(refused)).not.toContain('another');
  });

  test('gives an app its own token', async () => {
    const scopes = ['https://graph.microsoft.com/.default'];
    const given = settings(issuer, { access: 'app_only', scopes });
    const answer = await within(given, (client) => client.appToken());
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
    expect(await issuer.readToken(answer.tokens.accessToken)).toMatchObject({ account: null });
    expect(answer.tokens.refreshToken).toBeNull();
  });
});

describe('Microsoft alone', () => {
  test('takes a certificate in place of the secret', async () => {
    const given = settings(microsoft, {
      access: 'app_only',
      clientId: 'mailroom-certificate',
      scopes: ['https://graph.microsoft.com/.default'],
      credential: { kind: 'certificate', certificate: signIn.cert, privateKey: signIn.private },
    });
    const answer = await within(given, (client) => client.appToken());
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
    expect(answer.tokens.accessToken).not.toBe('');
  });

  test('says that a tenant is not there', async () => {
    const server = {
      kind: 'microsoft',
      host: `localhost:${microsoft.port}`,
      tenant: 'nobody.example',
    } as const;
    const answer = await within(settings(microsoft, { server, access: 'app_only' }), (client) =>
      client.appToken(),
    );
    expect(answer).toMatchObject({ ok: false, refusal: { fault: { code: 'OAUTH_TENANT_UNKNOWN' } } });
  });

  test.each([
    ['secret_expired', 'OAUTH_SECRET_EXPIRED', 'credentials'],
    ['consent_required', 'OAUTH_CONSENT_REQUIRED', 'credentials'],
    ['grant_revoked', 'OAUTH_GRANT_REVOKED', 'credentials'],
    ['token_unused', 'OAUTH_TOKEN_UNUSED', 'credentials'],
    ['busy', 'OAUTH_SERVER_BUSY', 'unreachable'],
    ['not_json', 'OAUTH_ANSWER_INVALID', 'unreachable'],
  ] as const)('names its faults: %s', async (fault, code, kind) => {
    microsoft.fault = fault;
    const answer = await within(settings(microsoft), (client) => client.refresh('whatever'));
    microsoft.fault = null;
    expect(answer).toMatchObject({ ok: false, refusal: { kind, fault: { code } } });
  });
});

test('a server that is not there, or has another certificate, is out of reach', async () => {
  const gone = await startIssuer({ kind: 'other', certificate, clients, accounts });
  const given = settings(gone);
  await gone.close();
  const answer = await within(given, (client) => client.refresh('whatever'));
  expect(answer).toMatchObject({
    ok: false,
    refusal: { kind: 'unreachable', fault: { code: 'CONNECT_REFUSED' } },
  });
  const distrusted = settings(other);
  const unchecked = await within({ ...distrusted, http: { ...distrusted.http, customCa: null } }, (client) =>
    client.refresh('whatever'),
  );
  expect(unchecked).toMatchObject({
    ok: false,
    refusal: { kind: 'unreachable', fault: { code: 'HTTP_TLS_UNTRUSTED' } },
  });
});
