import { describe, expect, test } from 'vitest';
import type { OpenedMailSettings } from '#lib/settings/open-mail-settings.ts';
import { defaultRetrySchedule, type MailSettingsDocument } from '#lib/settings/schemas.ts';
import { transportOptions } from '#lib/settings/transport-options.ts';
import type { RequestSlots, TokenSource } from '#lib/transports/supplies.ts';
import { ewsConnection, graphConnection } from './oauth-documents.ts';

const service = {
  portalUrl: 'https://mail.example.com',
  ehloName: 'mail.example.com',
  allowedAddresses: [],
  maxMessageBytes: 1,
};
const tokens: TokenSource = { accessToken: () => Promise.resolve({ kind: 'token', token: 'a token' }) };
const slots: RequestSlots = { take: () => Promise.resolve(null) };

function opened(
  connection: MailSettingsDocument['connection'],
  secrets: Partial<OpenedMailSettings> = {},
): OpenedMailSettings {
  return {
    version: 1,
    document: {
      sender: { name: '', address: 'billing@contoso.example', replyTo: null },
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
    },
    password: null,
    alternatePassword: null,
    proxyPassword: null,
    clientSecret: null,
    privateKey: null,
    ...secrets,
  };
}

function options(given: OpenedMailSettings) {
  return transportOptions(given, service, 'primary', { tokens, slots });
}

describe('Graph', () => {
  const { authentication } = graphConnection;
  test.each([
    ['the mailbox that consented', {}, { access: 'delegated', canReadMail: true }],
    [
      'a shared mailbox of whoever consented',
      { authentication: { ...authentication, signInName: 'ada@contoso.example' } },
      { access: 'app_only', canReadMail: true },
    ],
    [
      'an app',
      { authentication: { ...authentication, access: 'app_only' as const } },
      { access: 'app_only', canReadMail: true },
    ],
    [
      'the least right',
      { authentication: { ...authentication, scope: 'Mail.Send offline_access' } },
      { access: 'delegated', canReadMail: false },
    ],
  ])('is told how it sends for %s', (_, changes, expected) => {
    const given = opened({ ...graphConnection, ...changes });
    expect(options(given)).toMatchObject({ protocol: 'graph', tokens, slots, ...expected });
  });

  test('is not built without tokens or turns', () => {
    const given = opened(graphConnection);
    expect(() => transportOptions(given, service, 'primary', { tokens, slots: null })).toThrow('turn');
    expect(() => transportOptions(given, service, 'primary', { tokens: null, slots })).toThrow('tokens');
  });
});

describe('EWS', () => {
  test('gets password and scheme, and the mailbox that it acts for', () => {
    expect(options(opened(ewsConnection, { password: 'p' }))).toMatchObject({
      protocol: 'ews',
      authentication: { kind: 'ntlm', userName: 'CONTOSO\\billing', password: 'p' },
      mailbox: { address: 'billing@contoso.example', access: 'impersonation' },
    });
    expect(() => options(opened(ewsConnection))).toThrow('password');
  });

  test('acts for its user name where an app signs in', () => {
    const { authentication } = graphConnection;
    const given = opened({
      ...ewsConnection,
      impersonatedMailbox: null,
      authentication: { ...authentication, access: 'app_only', userName: 'desk@contoso.example' },
    });
    expect(options(given)).toMatchObject({
      authentication: { kind: 'bearer', tokens },
      mailbox: { address: 'desk@contoso.example', access: 'impersonation' },
    });
  });
});
