import { withAuthorizationClient } from '#lib/oauth/authorization-client.ts';
import type { OauthSettings } from '#lib/oauth/oauth-settings.ts';
import { createAddressGuard } from '#lib/transports/address-guard.ts';
import { buildTransport, type TransportOptions } from '#lib/transports/build-transport.ts';
import type { ProxySettings } from '#lib/transports/connect.ts';
import { ewsOptions } from '#tests/servers/ews/options.ts';
import { startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import { graphOptions } from '#tests/servers/graph/options.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import { type Issuer, startIssuer } from '#tests/servers/oauth/issuer.ts';
import { makeAuthority, makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { noAbort, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';

/** What came of it, in the words that all four kinds of traffic share. */
export interface Carried {
  readonly kind: string;
  readonly fault?: { readonly stage: string; readonly code: string };
}

/** A server with one exchange towards it. */
export interface Traffic {
  /** The step that a refusal of the proxy belongs to: a token request is one step, whatever fails in it. */
  readonly stage: 'proxy' | 'token';
  readonly port: number;
  /** How often the whole exchange has reached the server. */
  readonly arrived: () => number;
  exchange(proxy: ProxySettings): Promise<Carried>;
  close(): Promise<void>;
}

/** Each kind of traffic that PRODUCT 2.10 names. */
export const traffics: readonly (readonly [string, () => Promise<Traffic>])[] = [
  ['SMTP', startSmtp],
  ['EWS', startEws],
  ['Graph', startGraph],
  ['token requests to Microsoft', () => startTokens('microsoft')],
  ['token requests to another server', () => startTokens('other')],
];

async function startSmtp(): Promise<Traffic> {
  const server = await startRealServer();
  return {
    stage: 'proxy',
    port: server.port,
    arrived: () => server.mails.length,
    exchange: (proxy) => sendOne(smtpOptions(server.port, { proxy })),
    close: () => server.close(),
  };
}

async function startEws(): Promise<Traffic> {
  const server = await startEwsSimulator();
  return {
    stage: 'proxy',
    port: Number(new URL(server.url).port),
    arrived: () => server.mails.length,
    exchange: (proxy) => sendOne(ewsOptions(server, { proxy })),
    close: () => server.close(),
  };
}

async function startGraph(): Promise<Traffic> {
  const server = await startGraphServer();
  return {
    stage: 'proxy',
    port: server.port,
    arrived: () => server.deliveries.length,
    exchange: (proxy) => sendOne(graphOptions(server, { proxy })),
    close: () => server.close(),
  };
}

async function sendOne(options: TransportOptions): Promise<Carried> {
  const transport = buildTransport(options);
  try {
    return await transport.send(testMail(), noAbort());
  } finally {
    await transport.close();
  }
}

async function startTokens(kind: 'microsoft' | 'other'): Promise<Traffic> {
  const authority = await makeAuthority();
  const issuer = await startIssuer({
    kind,
    host: '127.0.0.1',
    certificate: await makeCertificate({ names: ['127.0.0.1'], authority }),
    clients: [{ clientId: 'mailroom', secret: 'a secret', redirectUris: ['http://localhost:3000/x'] }],
    accounts: [],
  });
  return {
    stage: 'token',
    port: issuer.port,
    arrived: () => issuer.tokenRequests.length,
    exchange: (proxy) => askForToken(oauthSettings(kind, issuer, authority.cert, proxy)),
    close: () => issuer.close(),
  };
}

async function askForToken(settings: OauthSettings): Promise<Carried> {
  const answer = await withAuthorizationClient(settings, AbortSignal.timeout(20_000), (client) =>
    client.appToken(),
  );
  return answer.ok ? { kind: 'accepted' } : answer.refusal;
}

function oauthSettings(
  kind: 'microsoft' | 'other',
  issuer: Issuer,
  customCa: string,
  proxy: ProxySettings,
): OauthSettings {
  return {
    grantId: '01990000-0000-7000-8000-00000000000d',
    server:
      kind === 'microsoft'
        ? { kind, host: `127.0.0.1:${issuer.port}`, tenant: issuer.tenant }
        : { kind, authorizationUrl: issuer.authorizationUrl, tokenUrl: issuer.tokenUrl },
    access: 'app_only',
    clientId: 'mailroom',
    credential: { kind: 'secret', secret: 'a secret' },
    scopes: ['https://graph.microsoft.com/.default'],
    account: 'billing@contoso.example',
    http: {
      guard: createAddressGuard(['127.0.0.0/8']),
      proxy,
      checkCertificate: true,
      customCa,
      maxConnectionsPerOrigin: 1,
      deadlines: { dnsMs: 10_000, connectMs: 10_000, tlsMs: 10_000, idleMs: 1_000 },
    },
  };
}
