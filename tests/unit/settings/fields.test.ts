import { describe, expect, test } from 'vitest';
import { fieldText, secretOf, secretPaths, settingsPaths } from '#lib/settings/fields.ts';
import { sharedAlternate } from '#lib/settings/connection-schemas.ts';
import { describeChanges } from '#lib/settings/describe-changes.ts';
import { defaultPort, presetOf, presets, proposePreset } from '#lib/settings/presets.ts';
import {
  defaultRetrySchedule,
  mailSettingsDocument,
  type ConnectionOf,
  type MailSettingsDocument,
  mailSettingsInput,
} from '#lib/settings/schemas.ts';
import { settingsWarnings } from '#lib/settings/warnings.ts';
import { oauthDocuments } from './oauth-documents.ts';

const secretId = '01990000-0000-7000-8000-00000000000a';
type Smtp = ConnectionOf<MailSettingsDocument, 'smtp'>;

const settings: MailSettingsDocument & { connection: Smtp } = {
  sender: { name: '', address: 'billing@example.com', replyTo: null },
  connection: {
    kind: 'smtp',
    protocol: 'smtp',
    host: 'smtp.example.com',
    port: 587,
    alternateHost: null,
    alternate: sharedAlternate,
    tlsPolicy: 'when_offered',
    checkCertificate: true,
    customCa: null,
    maxConnections: 5,
    authentication: { kind: 'basic', userName: 'billing', password: { secretId } },
  },
  proxy: { use: false, server: null },
  debug: { until: '2026-11-22T10:00:00.000Z' },
  sending: {
    mode: { kind: 'redirect', to: 'tests@example.com' },
    allowedSenders: ['example.com'],
    otherSenders: 'rewrite',
    uncertain: 'hold',
    retry: defaultRetrySchedule,
  },
};
const now = new Date('2026-11-21T08:00:00Z');

function withConnection(changes: Partial<Smtp>): MailSettingsDocument {
  return { ...settings, connection: { ...settings.connection, ...changes } };
}

function codesOf(given: MailSettingsDocument, at = now): string[] {
  return settingsWarnings(given, at).map(({ code }) => code);
}

function faultsOf(given: unknown): string[] {
  return (mailSettingsInput.safeParse(given).error?.issues ?? []).map(({ path }) => path.join('.'));
}

test('settings of before the alternate had values of its own share everything', () => {
  const { alternate: _, ...connection } = settings.connection;
  expect(mailSettingsDocument.parse({ ...settings, connection })).toEqual(settings);
  const named = { ...connection, alternateHost: 'smtp2.example.com', alternate: { port: 2525 } };
  const parsed = mailSettingsDocument.parse({ ...settings, connection: named });
  expect(parsed.connection).toMatchObject({ alternate: { ...sharedAlternate, port: 2525 } });
});

test('a sign-in of an alternate that is not named is refused at that field', () => {
  const alternate = {
    authentication: { kind: 'basic', userName: 'u', password: { kind: 'set', value: 'p' } },
  };
  const connection = {
    ...settings.connection,
    authentication: { kind: 'none' },
    alternateHost: null,
    alternate,
  };
  expect(faultsOf({ ...settings, connection })).toEqual(['connection.alternateHost']);
});

describe('the table of fields', () => {
  test('has every leaf of the document, under its path', () => {
    const full: MailSettingsDocument = {
      ...withConnection({
        alternateHost: 'smtp2.example.com',
        alternate: {
          ...sharedAlternate,
          authentication: { kind: 'basic', userName: 'relay', password: { secretId } },
        },
      }),
      proxy: {
        use: true,
        server: { kind: 'http', host: 'p', port: 1, userName: 'u', password: { secretId }, noProxy: [] },
      },
    };
    const documents = [full, ...oauthDocuments(full)].map((each) => mailSettingsDocument.parse(each));
    const paths = new Set(documents.flatMap((document) => leaves(document, '')));
    expect([...paths].toSorted()).toEqual(settingsPaths.toSorted());
  });

  test('knows the secrets, and reads none', () => {
    const secrets = settingsPaths.filter((path) => secretOf(path) !== null);
    expect(secrets.toSorted()).toEqual(Object.values(secretPaths).toSorted());
    for (const path of secrets) expect(fieldText(path, settings)).toBeNull();
  });

  test.each([
    ['sender.name', null],
    ['connection.kind', 'SMTP/SMTPS'],
    ['connection.tlsPolicy', 'When offered'],
    ['connection.checkCertificate', 'On'],
    ['connection.authentication.kind', 'Basic'],
    ['debug.until', 'On until 2026-11-22 10:00 UTC'],
    ['sending.mode', 'Redirect to tests@example.com'],
    ['sending.retry.firstWaitSeconds', '1 min'],
    ['sending.retry.maxWaitSeconds', '4 h'],
    ['proxy.server.host', null],
  ] as const)('reads %s as %s', (path, text) => {
    expect(fieldText(path, settings)).toBe(text);
  });
});

// A mode and a list are one field each; a secret is one leaf. A consent is no value that anyone types.
function leaves(value: unknown, path: string): string[] {
  const isWhole =
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    'secretId' in value ||
    path === 'sending.mode';
  if (path === 'connection.authentication.consent') return [];
  if (isWhole) return [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === '' ? name : `${path}.${name}`),
  );
}

describe('changes', () => {
  test('name the two values, and a secret only as changed', () => {
    const after = withConnection({
      port: 25,
      authentication: {
        kind: 'basic',
        userName: 'billing',
        password: { secretId: '01990000-0000-7000-8000-00000000000c' },
      },
    });
    expect(describeChanges(settings, after)).toEqual([
      { kind: 'value', field: 'connection.port', before: '587', after: '25' },
      { kind: 'secret', field: 'connection.authentication.password', change: 'changed' },
    ]);
  });

  test('of cleared settings remove every value and secret', () => {
    const changes = describeChanges(settings, null);
    expect(changes).toContainEqual({ kind: 'value', field: 'connection.port', before: '587', after: null });
    expect(changes).toContainEqual({
      kind: 'secret',
      field: 'connection.authentication.password',
      change: 'removed',
    });
  });
});

describe('warnings', () => {
  test('a password in clear, an unchecked certificate, an open relay in clear', () => {
    expect(codesOf(withConnection({ tlsPolicy: 'none' }))).toEqual(['password_in_clear']);
    expect(codesOf(withConnection({ checkCertificate: false }))).toEqual(['certificate_unchecked']);
    expect(codesOf(withConnection({ tlsPolicy: 'none', authentication: { kind: 'none' } }))).toEqual([
      'mail_in_clear',
    ]);
    expect(codesOf(withConnection({ authentication: { kind: 'none' } }))).toEqual(['mail_may_be_in_clear']);
  });

  test('Exchange Online: basic sign-in ends, then has ended; three connections', () => {
    const exchange = withConnection({ host: 'smtp.office365.com' });
    expect(codesOf(exchange)).toEqual(['exchange_basic_ends', 'exchange_connections']);
    expect(codesOf(exchange, new Date('2027-01-02T00:00:00Z'))).toContain('exchange_basic_ended');
    expect(codesOf(withConnection({ host: 'smtp.office365.com', maxConnections: 3 }))).toEqual([
      'exchange_basic_ends',
    ]);
    expect(codesOf(withConnection({ host: 'smtp.office365.com.evil.example' }))).toEqual([]);
  });

  test('Gmail needs an app password', () => {
    expect(codesOf(withConnection({ host: 'smtp.gmail.com' }))).toEqual(['gmail_app_password']);
  });

  test('healthy settings have none', () => {
    expect(codesOf(withConnection({ tlsPolicy: 'required' }))).toEqual([]);
  });
});

describe('presets', () => {
  test.each([
    ['dana@gmail.com', 'google'],
    ['dana@GoogleMail.com', 'google'],
    ['dana@contoso.onmicrosoft.com', 'microsoft_365'],
    ['dana@icloud.com', 'icloud'],
    ['dana@example.com', undefined],
    ['gmail.com', undefined],
    ['dana@notgmail.com', undefined],
  ])('%s proposes %s', (address, id) => {
    expect(proposePreset(address)?.id).toBe(id);
  });

  test('name a host and the usual port, which belongs to the preset again', () => {
    for (const preset of presets) {
      expect(preset.port, preset.id).toBe(preset.id === 'postfix' ? 25 : defaultPort(preset));
      if (preset.host !== null) expect(presetOf(preset.host)).toBe(preset.id);
    }
    expect(presetOf('email-smtp.us-east-1.amazonaws.com')).toBe('amazon_ses');
    expect(presetOf('mail.example.com')).toBe('other');
  });

  test.each([
    [{ protocol: 'smtp', tlsPolicy: 'none' }, 25],
    [{ protocol: 'smtp', tlsPolicy: 'when_offered' }, 587],
    [{ protocol: 'smtp', tlsPolicy: 'required' }, 587],
    [{ protocol: 'smtps', tlsPolicy: 'none' }, 465],
  ] as const)('%j has port %i', (connection, port) => {
    expect(defaultPort(connection)).toBe(port);
  });
});

describe('the schema of the form', () => {
  const input = {
    ...settings,
    connection: { ...settings.connection, authentication: { kind: 'none' } },
  };
  test('takes a blank optional field as none', () => {
    const parsed = mailSettingsInput.parse({
      ...input,
      sender: { name: '', address: ' billing@example.com ', replyTo: '' },
      connection: { ...input.connection, alternateHost: '  ', customCa: '' },
    });
    expect(parsed.sender).toEqual({ name: '', address: 'billing@example.com', replyTo: null });
    expect(parsed.connection).toMatchObject({ alternateHost: null, customCa: null });
  });

  test.each([
    [
      'header injection in the sender name',
      { sender: { ...input.sender, name: 'A\r\nBcc: b@example.com' } },
      'sender.name',
    ],
    [
      'header injection in the address',
      { sender: { ...input.sender, address: 'a@example.com\nBcc: b@c' } },
      'sender.address',
    ],
    ['a line separator in the name', { sender: { ...input.sender, name: 'A\u2028B' } }, 'sender.name'],
    [
      'a host with a path',
      { connection: { ...input.connection, host: 'smtp.example.com/x' } },
      'connection.host',
    ],
    ['a port out of range', { connection: { ...input.connection, port: 65_536 } }, 'connection.port'],
    ['a CA that is none', { connection: { ...input.connection, customCa: 'hello' } }, 'connection.customCa'],
    ['a proxy to be used, but none given', { proxy: { use: true, server: null } }, 'proxy.server.host'],
    ['a field that is not known', { other: 1 }, ''],
    [
      'a longest wait below the first',
      { sending: { ...input.sending, retry: { ...defaultRetrySchedule, maxWaitSeconds: 30 } } },
      'sending.retry.maxWaitSeconds',
    ],
  ])('refuses %s', (_, changes, field) => {
    expect(faultsOf({ ...input, ...changes })).toEqual([field]);
  });
});
