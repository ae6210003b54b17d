import { describe, expect, test } from 'vitest';
import { DomainError } from '#lib/errors.ts';
import { connectionFacts } from '#lib/settings/connection-facts.ts';
import { toDocument, toInput, toView } from '#lib/settings/convert.ts';
import { describeChanges } from '#lib/settings/describe-changes.ts';
import { fieldText } from '#lib/settings/fields.ts';
import {
  defaultScope,
  microsoftAddresses,
  proposeScope,
  proposeServer,
  readMicrosoftAddress,
} from '#lib/settings/oauth-presets.ts';
import { keptGrant, planSecrets, savedGrantId, savedSecretIds } from '#lib/settings/plan-secrets.ts';
import {
  defaultRetrySchedule,
  type ConnectionOf,
  type MailSettingsDocument,
  mailSettingsInput,
} from '#lib/settings/schemas.ts';
import { settingsWarnings } from '#lib/settings/warnings.ts';
import { ewsConnection, graphConnection } from './oauth-documents.ts';

type Connection = MailSettingsDocument['connection'];
type Graph = ConnectionOf<MailSettingsDocument, 'graph'>;
type Ews = ConnectionOf<MailSettingsDocument, 'ews'>;

const now = new Date('2026-11-21T08:00:00Z');

function settings<Given extends Connection>(connection: Given): MailSettingsDocument & { connection: Given } {
  return {
    sender: { name: 'Billing', address: 'billing@contoso.example', replyTo: null },
    connection,
    proxy: { use: false, server: null },
    debug: { until: null },
    sending: {
      mode: { kind: 'live' },
      allowedSenders: [],
      otherSenders: 'refuse',
      uncertain: 'resend',
      retry: defaultRetrySchedule,
    },
  };
}

const graph = settings(graphConnection);
const ews = settings(ewsConnection);

function withGraph(changes: Partial<Graph>): MailSettingsDocument {
  return settings({ ...graphConnection, ...changes });
}
function withOauth(changes: Partial<Graph['authentication']>): MailSettingsDocument {
  return withGraph({ authentication: { ...graphConnection.authentication, ...changes } });
}
function withEws(changes: Partial<Ews>): MailSettingsDocument {
  return settings({ ...ewsConnection, ...changes });
}

function askedFor(from: MailSettingsDocument, to: MailSettingsDocument): string[] {
  try {
    planSecrets(from, toInput(to));
    return [];
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'secret_required') throw error;
    return error.issues.map(({ field }) => field);
  }
}

const someCa = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const clientSecret = 'connection.authentication.credential.secret';
const password = 'connection.authentication.password';
const microsoft = graphConnection.authentication.server;

describe('a client secret, and the consent with its tokens, go nowhere new (PRODUCT 2.18)', () => {
  test.each([
    ['Graph endpoint', withGraph({ endpoint: 'https://graph.evil.example/v1.0' }), [clientSecret], false],
    [
      'sign-in host',
      withOauth({ server: { ...microsoft, host: 'login.evil.example' } }),
      [clientSecret],
      false,
    ],
    ['tenant', withOauth({ server: { ...microsoft, tenant: 'other.example' } }), [clientSecret], false],
    ['client ID', withOauth({ clientId: 'another' }), [clientSecret], false],
    ['custom CA', withGraph({ customCa: someCa }), [clientSecret], false],
    [
      'proxy',
      {
        ...graph,
        proxy: {
          use: true,
          server: {
            kind: 'http',
            host: 'proxy.example',
            port: 3128,
            userName: null,
            password: null,
            noProxy: [],
          },
        },
      } as const satisfies MailSettingsDocument,
      [clientSecret],
      false,
    ],
    ['scope', withOauth({ scope: 'Mail.Send offline_access' }), [], false],
    ['app-only', withOauth({ access: 'app_only' }), [], false],
    ['mailbox', withGraph({ mailbox: 'other@contoso.example' }), [], false],
    ['day on which the secret ends', withOauth({}), [], true],
    ['Sent Items', withGraph({ saveToSentItems: false }), [], true],
    ['proof', withGraph({ proveOnce: true }), [], true],
  ])('%s', (_, to, asked, isKept) => {
    expect(askedFor(graph, to)).toEqual(asked);
    expect(keptGrant(graph, toInput(to)) === savedGrantId(graph)).toBe(isKept);
  });

  test('a shared mailbox of the same person needs no new consent', () => {
    const authentication = { ...graphConnection.authentication, signInName: 'ada@contoso.example' };
    const first = withGraph({ authentication, mailbox: 'one@contoso.example' });
    const second = withGraph({ authentication, mailbox: 'two@contoso.example' });
    expect(keptGrant(first, toInput(second))).toBe(savedGrantId(first));
  });

  test('a password of EWS', () => {
    expect(askedFor(ews, withEws({ connectUrl: 'https://evil.example/EWS/Exchange.asmx' }))).toEqual([
      password,
    ]);
    expect(askedFor(ews, withEws({ checkCertificate: false }))).toEqual([password]);
    expect(askedFor(ews, withEws({ saveToSentItems: false, maxConnections: 2 }))).toEqual([]);
  });

  test('another protocol asks for everything anew', () => {
    expect(askedFor(ews, graph)).toEqual([clientSecret]);
    expect(askedFor(graph, ews)).toEqual([password]);
    expect(keptGrant(ews, toInput(graph))).toBeNull();
  });
});

describe('the shapes of the settings', () => {
  test.each([
    ['Graph', graph],
    ['EWS', ews],
  ])('lead round without a loss: %s', (_, document) => {
    const ids = planSecrets(document, toInput(document));
    const secretId = (purpose: keyof typeof ids): string | null => {
      const plan = ids[purpose];
      return plan.kind === 'keep' ? plan.secretId : null;
    };
    const again = toDocument(toInput(document), {
      secrets: {
        password: secretId('password'),
        alternate_password: secretId('alternate_password'),
        proxy_password: secretId('proxy_password'),
        client_secret: secretId('client_secret'),
        private_key: secretId('private_key'),
      },
      grantId: keptGrant(document, toInput(document)) ?? '',
    });
    expect(again).toEqual(document);
    expect(savedSecretIds(document)).toHaveLength(1);
  });

  test('show a secret as when and by whom it was set', () => {
    const [id = ''] = savedSecretIds(graph);
    const setAt = '2026-11-01T00:00:00.000Z';
    const view = toView(graph, new Map([[id, { setAt, setBy: 'ada@example.com' }]]));
    expect(JSON.stringify(view)).not.toContain(id);
    expect(view.connection).toMatchObject({
      authentication: { credential: { secret: { setAt, setBy: 'ada@example.com' } } },
    });
  });

  test('tell a change of protocol as fields that come and go', () => {
    const changes = describeChanges(ews, graph).map(({ field }) => field);
    expect(changes).toContain('connection.kind');
    expect(changes).toContain('connection.connectUrl');
    expect(changes).toContain('connection.mailbox');
    expect(fieldText('connection.connectUrl', graph)).toBeNull();
  });

  test('come down to a server and a number of mails at once', () => {
    expect(connectionFacts(graph)).toMatchObject({
      transport: 'graph',
      host: 'graph.microsoft.com',
      maxConnections: 4,
    });
    expect(connectionFacts(ews)).toMatchObject({ transport: 'ews', port: 443, alternateHost: null });
  });
});

describe('input', () => {
  const input = toInput(graph);
  function parsed(changes: object): ReturnType<typeof mailSettingsInput.safeParse> {
    const { authentication } = input.connection;
    return mailSettingsInput.safeParse({
      ...input,
      connection: { ...input.connection, authentication: { ...authentication, ...changes } },
    });
  }
  const fieldsOf = (result: ReturnType<typeof parsed>): string[] =>
    (result.error?.issues ?? []).map(({ path }) => path.join('.'));

  test('takes scopes with commas, spaces or both', () => {
    const given = parsed({ scope: 'Mail.ReadWrite,Mail.Send.Shared, offline_access  Mail.ReadWrite' });
    expect(given.data?.connection).toMatchObject({
      authentication: { scope: 'Mail.ReadWrite Mail.Send.Shared offline_access' },
    });
  });

  test.each([
    ['no scope', { scope: ' , ' }, 'connection.authentication.scope'],
    ['no client ID', { clientId: ' ' }, 'connection.authentication.clientId'],
    [
      'a tenant that is an address',
      { server: { ...microsoft, tenant: 'https://x' } },
      'connection.authentication.server.tenant',
    ],
    [
      'app-only at many tenants',
      { access: 'app_only', server: { ...microsoft, tenant: 'common' } },
      'connection.authentication.server.tenant',
    ],
    [
      'another server than Microsoft for Graph',
      { server: { kind: 'google', authorizationUrl: 'https://a', tokenUrl: 'https://b' } },
      'connection.authentication.server.kind',
    ],
    [
      'a sign-in host with a path',
      { server: { ...microsoft, host: 'login.example/x' } },
      'connection.authentication.server.host',
    ],
  ])('refuses %s', (_, changes, field) => {
    expect(fieldsOf(parsed(changes))).toContain(field);
  });
});

describe('presets', () => {
  const delegated = { access: 'delegated', server: 'microsoft' } as const;
  test('know the default scopes (PRODUCT 2.8)', () => {
    expect(defaultScope({ kind: 'smtp', address: 'smtp.office365.com', ...delegated })).toBe(
      'https://outlook.office.com/SMTP.Send offline_access',
    );
    expect(
      defaultScope({ kind: 'smtp', address: 'smtp.gmail.com', access: 'delegated', server: 'google' }),
    ).toBe('https://mail.google.com/');
    expect(
      defaultScope({
        kind: 'ews',
        address: 'https://outlook.office365.com/EWS/Exchange.asmx',
        ...delegated,
      }),
    ).toBe('https://outlook.office365.com/EWS.AccessAsUser.All offline_access');
    expect(defaultScope({ kind: 'graph', address: 'https://graph.microsoft.us/v1.0', ...delegated })).toBe(
      'Mail.ReadWrite Mail.Send.Shared offline_access',
    );
    expect(
      defaultScope({
        kind: 'graph',
        address: 'https://dod-graph.microsoft.us/v1.0',
        access: 'app_only',
        server: 'microsoft',
      }),
    ).toBe('https://dod-graph.microsoft.us/.default');
  });

  test('fill the scope in on port 587 with a known server, and for Graph always', () => {
    const smtp = { kind: 'smtp', address: 'smtp.office365.com', ...delegated } as const;
    expect(proposeScope({ ...smtp, port: 587 })).not.toBe('');
    expect(proposeScope({ ...smtp, port: 25 })).toBe('');
    expect(proposeScope({ ...smtp, address: 'smtp.example.com', port: 587 })).toBe('');
    expect(
      proposeScope({ kind: 'graph', address: 'https://graph.microsoft.com/v1.0', ...delegated, port: null }),
    ).not.toBe('');
  });

  test('know the authorization server of a mail server, and Microsoft by a pasted address', () => {
    expect(proposeServer('smtp.office365.us')).toMatchObject({ host: 'login.microsoftonline.us' });
    expect(proposeServer('smtp.gmail.com')?.kind).toBe('google');
    expect(proposeServer('smtp.example.com')).toBeNull();
    const server = { host: 'login.microsoftonline.com', tenant: 'contoso.example' };
    expect(readMicrosoftAddress(microsoftAddresses(server).tokenUrl)).toEqual(server);
    expect(readMicrosoftAddress('https://example.com/token')).toBeNull();
  });
});

function codes(given: MailSettingsDocument, at = now): string[] {
  return settingsWarnings(given, at).map(({ code }) => code);
}

function codesOfTyped(value: string): string[] {
  return settingsWarnings(toInput(graph, { client_secret: { kind: 'set', value } }), now).map(
    ({ code }) => code,
  );
}

describe('warnings', () => {
  const online = withEws({ connectUrl: 'https://outlook.office365.com/EWS/Exchange.asmx' });

  test('say that EWS ends at Exchange Online, with its dates (PRODUCT 2.15)', () => {
    expect(codes(online)).toEqual(['ews_ends', 'ews_password_online']);
    expect(codes(online, new Date('2027-04-01T00:00:00Z'))).toContain('ews_ended');
    expect(codes(ews)).toEqual([]);
    const [first] = settingsWarnings(online, now);
    expect(`${first?.text} ${first?.wayOut}`).toMatch(/2026-10-01.*2027-04-01.*Graph/);
  });

  test('say that a secret ID was pasted in place of its value', () => {
    expect(codesOfTyped('3f0c7a9e-8c1d-4b8a-9f53-0f9d2b7a6c11')).toEqual(['secret_id_pasted']);
    expect(codesOfTyped('abc8Q~notAnIdAtAll.ButAValue')).toEqual([]);
  });

  test('say what a right too few costs', () => {
    expect(codes(graph)).toEqual([]);
    expect(codes(withOauth({ scope: 'Mail.Send offline_access' }))).toEqual(['scope_least']);
    expect(codes(withOauth({ signInName: 'ada@contoso.example', scope: 'Mail.ReadWrite' }))).toEqual([
      'scope_shared_missing',
    ]);
    expect(codes(withOauth({ access: 'app_only' }))).toEqual(['scope_default_missing']);
    const cloud = withGraph({ endpoint: 'https://graph.microsoft.us/v1.0' });
    expect(codes(cloud)).toEqual(['cloud_mismatch']);
  });
});
