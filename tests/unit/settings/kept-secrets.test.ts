import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DomainError } from '#lib/errors.ts';
import { sharedAlternate } from '#lib/settings/connection-schemas.ts';
import { toInput } from '#lib/settings/convert.ts';
import { movedDestinations } from '#lib/settings/fields.ts';
import { planSecrets } from '#lib/settings/plan-secrets.ts';
import { type ConnectionOf, defaultRetrySchedule, type MailSettingsDocument } from '#lib/settings/schemas.ts';

const passwordId = '01990000-0000-7000-8000-00000000000a';
const alternatePasswordId = '01990000-0000-7000-8000-00000000000c';
const proxyPasswordId = '01990000-0000-7000-8000-00000000000b';

type Connection = ConnectionOf<MailSettingsDocument, 'smtp'>;
type SmtpSettings = MailSettingsDocument & { connection: Connection };

const saved: SmtpSettings = {
  sender: { name: 'Billing', address: 'billing@example.com', replyTo: null },
  connection: {
    kind: 'smtp',
    protocol: 'smtp',
    host: 'smtp.example.com',
    port: 587,
    alternateHost: 'smtp2.example.com',
    alternate: sharedAlternate,
    tlsPolicy: 'required',
    checkCertificate: true,
    customCa: null,
    maxConnections: 5,
    authentication: { kind: 'basic', userName: 'billing', password: { secretId: passwordId } },
  },
  proxy: {
    use: true,
    server: {
      kind: 'http',
      host: 'proxy.example.com',
      port: 3128,
      userName: 'mailroom',
      password: { secretId: proxyPasswordId },
      noProxy: ['.corp.example.com'],
    },
  },
  debug: { until: null },
  sending: {
    mode: { kind: 'live' },
    allowedSenders: [],
    otherSenders: 'refuse',
    uncertain: 'resend',
    retry: defaultRetrySchedule,
  },
};

type ProxyServer = NonNullable<MailSettingsDocument['proxy']['server']>;

function withConnection(changes: Partial<Connection>): SmtpSettings {
  return { ...saved, connection: { ...saved.connection, ...changes } };
}

function withProxy(changes: Partial<ProxyServer>, use = true): MailSettingsDocument {
  if (saved.proxy.server === null) throw new Error('the saved settings have a proxy');
  return { ...saved, proxy: { use, server: { ...saved.proxy.server, ...changes } } };
}

/** The secrets that keeping would be refused for, by path. */
function refusedSecrets(from: MailSettingsDocument, to: MailSettingsDocument): string[] {
  try {
    planSecrets(from, toInput(to));
    return [];
  } catch (error) {
    if (error instanceof DomainError && error.code === 'secret_required') {
      return error.issues.map(({ field }) => field);
    }
    throw error;
  }
}

const password = 'connection.authentication.password';
const proxyPassword = 'proxy.server.password';
const someCa = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

describe('a kept secret is refused (PRODUCT 2.18)', () => {
  test.each([
    ['host', withConnection({ host: 'elsewhere.example.com' }), [password]],
    ['alternate', withConnection({ alternateHost: 'third.example.com' }), [password]],
    ['port', withConnection({ port: 25 }), [password]],
    ['protocol', withConnection({ protocol: 'smtps' }), [password]],
    ['weaker TLS policy', withConnection({ tlsPolicy: 'when_offered' }), [password]],
    ['weakest TLS policy', withConnection({ tlsPolicy: 'none' }), [password]],
    ['no certificate check', withConnection({ checkCertificate: false }), [password]],
    ['custom CA', withConnection({ customCa: someCa }), [password]],
    [
      'user name',
      withConnection({
        authentication: { kind: 'basic', userName: 'other', password: { secretId: passwordId } },
      }),
      [password],
    ],
    ['proxy host', withProxy({ host: 'other-proxy.example.com' }), [password, proxyPassword]],
    ['proxy port', withProxy({ port: 8080 }), [password, proxyPassword]],
    ['proxy type', withProxy({ kind: 'socks5' }), [password, proxyPassword]],
    ['proxy user name', withProxy({ userName: 'other' }), [proxyPassword]],
    ['hosts past the proxy', withProxy({ noProxy: [] }), [password]],
    ['proxy switched off', withProxy({}, false), [password]],
    ['proxy switched off and moved', withProxy({ host: 'x.example.com' }, false), [password, proxyPassword]],
  ])('when its destination changes: %s', (_, to, refused) => {
    expect(refusedSecrets(saved, to)).toEqual(refused);
  });

  test('when none is saved', () => {
    const open: MailSettingsDocument = withConnection({ authentication: { kind: 'none' } });
    expect(refusedSecrets(open, saved)).toEqual([password]);
  });
});

test('a proxy password without a user name is refused rather than forgotten', () => {
  const input = toInput(withProxy({ userName: null }), { proxy_password: { kind: 'set', value: 'secret' } });
  expect(() => planSecrets(saved, input)).toThrow('Give the user name');
  expect(planSecrets(saved, toInput(withProxy({ userName: null })))).toMatchObject({
    proxy_password: { kind: 'none' },
  });
});

describe('a kept secret stays', () => {
  test.each([
    ['nothing changes', saved],
    ['the sender changes', { ...saved, sender: { ...saved.sender, address: 'other@example.com' } }],
    ['the host is written in capitals', withConnection({ host: 'SMTP.Example.COM' })],
    ['the alternate is left out', withConnection({ alternateHost: null })],
    ['connections change', withConnection({ maxConnections: 1 })],
  ])('when %s', (_, to) => {
    expect(refusedSecrets(saved, to)).toEqual([]);
  });

  test('when TLS becomes stronger', () => {
    const weak = withConnection({ tlsPolicy: 'none', checkCertificate: false });
    expect(refusedSecrets(weak, saved)).toEqual([]);
  });

  test('when a proxy that is switched off moves nothing but itself', () => {
    const off = withProxy({}, false);
    expect(refusedSecrets(off, withProxy({ noProxy: [] }, false))).toEqual([]);
  });
});

const alternates = fc.record({
  port: fc.constantFrom(null, 25, 2525),
  tlsPolicy: fc.constantFrom(null, 'none', 'when_offered', 'required'),
  checkCertificate: fc.constantFrom(null, false, true),
  authentication: fc.constantFrom(
    { kind: 'same' },
    { kind: 'none' },
    { kind: 'basic', userName: 'relay', password: { secretId: alternatePasswordId } },
    { kind: 'basic', userName: 'other', password: { secretId: alternatePasswordId } },
  ),
  returnAfterMinutes: fc.constantFrom(null, 5),
});

const connections = fc.record({
  alternate: alternates,
  protocol: fc.constantFrom('smtp', 'smtps'),
  host: fc.constantFrom('smtp.example.com', 'elsewhere.example.com'),
  port: fc.constantFrom(25, 465, 587),
  alternateHost: fc.constantFrom(null, 'smtp2.example.com', 'third.example.com'),
  tlsPolicy: fc.constantFrom('none', 'when_offered', 'required'),
  checkCertificate: fc.boolean(),
  customCa: fc.constantFrom(null, someCa),
});

/** Written apart from the table: everything that a password on its way could meet. */
function places({ connection }: SmtpSettings): Place[] {
  const { alternate, alternateHost } = connection;
  const primary = place(connection, connection);
  return alternateHost === null || alternate.authentication.kind !== 'same'
    ? [primary]
    : [primary, alternatePlace({ ...connection, alternateHost })];
}

/** Where the alternate's own password goes, with the name that it goes with. */
function ownPlaces({ connection }: SmtpSettings): Place[] {
  const { alternate, alternateHost } = connection;
  if (alternateHost === null || alternate.authentication.kind !== 'basic') return [];
  const found = alternatePlace({ ...connection, alternateHost });
  return [{ ...found, name: `${alternate.authentication.userName} ${found.name}` }];
}

interface Place {
  readonly name: string;
  readonly tls: number;
  readonly checks: boolean;
}

function alternatePlace({ alternate, ...connection }: Connection & { alternateHost: string }): Place {
  return place(connection, {
    host: connection.alternateHost,
    port: alternate.port ?? connection.port,
    tlsPolicy: alternate.tlsPolicy ?? connection.tlsPolicy,
    checkCertificate: alternate.checkCertificate ?? connection.checkCertificate,
  });
}

function place(
  { protocol, customCa }: Pick<Connection, 'protocol' | 'customCa'>,
  way: Pick<Connection, 'host' | 'port' | 'tlsPolicy' | 'checkCertificate'>,
): Place {
  return {
    name: `${protocol} ${way.host}:${way.port} ${customCa}`,
    tls: protocol === 'smtps' ? 3 : ['none', 'when_offered', 'required'].indexOf(way.tlsPolicy),
    checks: way.checkCertificate,
  };
}

/** What of `to` was not so well guarded, or not there at all, in `from`. */
function worse(from: readonly Place[], to: readonly Place[]): Place[] {
  return to.filter(
    ({ name, tls, checks }) =>
      !from.some((known) => known.name === name && tls >= known.tls && (checks || !known.checks)),
  );
}

test('whatever changes together: a password that may be kept meets no new place and no weaker guard', () => {
  fc.assert(
    fc.property(connections, connections, (first, second) => {
      const from = withConnection(first);
      const to = withConnection(second);
      if (movedDestinations('password', from, to).length > 0) return;
      expect(worse(places(from), places(to))).toEqual([]);
    }),
    { numRuns: 5_000 },
  );
});

test("the alternate's own password meets no new place, name or weaker guard either (PRODUCT 6.4)", () => {
  fc.assert(
    fc.property(connections, connections, (first, second) => {
      const from = withConnection(first);
      const to = withConnection(second);
      if (ownPlaces(from).length === 0) return;
      if (movedDestinations('alternate_password', from, to).length > 0) return;
      expect(worse(ownPlaces(from), ownPlaces(to))).toEqual([]);
    }),
    { numRuns: 5_000 },
  );
});

test('the rule does not depend on what a change is called: swapping forth and back asks at least once', () => {
  fc.assert(
    fc.property(connections, connections, (first, second) => {
      const from = withConnection(first);
      const to = withConnection(second);
      const isSame = JSON.stringify(places(from)) === JSON.stringify(places(to));
      const asked = [...movedDestinations('password', from, to), ...movedDestinations('password', to, from)];
      if (!isSame) expect(asked.length).toBeGreaterThan(0);
    }),
  );
});
