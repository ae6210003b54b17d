import { describe, expect, test } from 'vitest';
import { buildTransport } from '#lib/transports/build-transport.ts';
import type { ProbeStep } from '#lib/transports/contract.ts';
import type { SmtpTransportOptions } from '#lib/transports/smtp/settings.ts';
import { makeAuthority, makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { startHostileServer, type HostileServer } from '#tests/servers/smtp/hostile.ts';
import { reply, type HostileScript } from '#tests/servers/smtp/hostile-script.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { noAbort, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';

const kept = closeAfterEach();
const authority = await makeAuthority();
const certificate = await makeCertificate({ names: ['mail.example.test', '127.0.0.1'], authority });
const credentials = { userName: 'sender@example.test', password: 'correct horse' };

async function send(port: number, changes: Partial<SmtpTransportOptions>) {
  const transport = kept(buildTransport(smtpOptions(port, changes)));
  return transport.send(testMail(), noAbort());
}

/** Neither a sign-in nor a mail was seen, encrypted or not. */
function expectNothingOnTheWire(server: HostileServer): void {
  expect(server.lines.filter(({ text }) => /^(?:AUTH|MAIL|RCPT|DATA)/i.test(text))).toEqual([]);
  expect(server.contents).toEqual([]);
  expect(JSON.stringify(server.lines)).not.toContain('correct horse');
}

describe('a real server', () => {
  test.each([
    ['PLAIN', { authMethods: ['PLAIN'] }],
    ['LOGIN', { authMethods: ['LOGIN'] }],
  ])('STARTTLS and AUTH %s', async (_name, changes) => {
    const server = kept(
      await startRealServer({ ...certificate, disabledCommands: [], authOptional: false, ...changes }),
    );
    const outcome = await send(server.port, {
      tlsPolicy: 'required',
      customCa: authority.cert,
      authentication: credentials,
    });
    expect(outcome).toMatchObject({ kind: 'accepted', serverId: 'REAL1' });
    expect(server.mails).toMatchObject([
      { isSecure: true, user: 'sender@example.test', to: ['reader@example.test'] },
    ]);
    expect(server.mails[0]?.raw).toContain('A line.\r\n.dot\r\n');
  });

  test('implicit TLS, name checked against the certificate though the address is pinned', async () => {
    const server = kept(await startRealServer({ ...certificate, secure: true, authOptional: false }));
    const outcome = await send(server.port, {
      protocol: 'smtps',
      endpoint: { host: 'mail.example.test', port: server.port },
      lookup: () => Promise.resolve(['127.0.0.1']),
      customCa: authority.cert,
      authentication: credentials,
    });
    expect(outcome.kind).toBe('accepted');
    expect(server.mails).toMatchObject([{ isSecure: true }]);
  });

  test('a wrong password is a fault of the mailbox, and no mail is tried', async () => {
    const server = kept(await startRealServer({ ...certificate, secure: true, authOptional: true }));
    const outcome = await send(server.port, {
      protocol: 'smtps',
      customCa: authority.cert,
      authentication: { ...credentials, password: 'wrong' },
    });
    expect(outcome).toMatchObject({
      kind: 'credentials',
      fault: {
        stage: 'authenticate',
        scope: 'mailbox',
        code: 'SMTP_AUTH_REFUSED',
        reply: { code: 535, enhancedCode: '5.7.8' },
      },
    });
    expect(server.mails).toEqual([]);
  });

  test('"when offered" takes STARTTLS where it is', async () => {
    const server = kept(await startRealServer({ ...certificate, disabledCommands: [] }));
    const outcome = await send(server.port, { tlsPolicy: 'whenOffered', customCa: authority.cert });
    expect(outcome.kind).toBe('accepted');
    expect(server.mails).toMatchObject([{ isSecure: true }]);
  });

  test('"none" never asks for TLS, and the password goes in clear because a person chose so', async () => {
    const server = kept(
      await startRealServer({
        ...certificate,
        disabledCommands: [],
        allowInsecureAuth: true,
        authOptional: false,
      }),
    );
    const outcome = await send(server.port, { tlsPolicy: 'none', authentication: credentials });
    expect(outcome.kind).toBe('accepted');
    expect(server.mails).toMatchObject([{ isSecure: false, user: 'sender@example.test' }]);
  });
});

describe('certificates', () => {
  const now = Date.now();
  const day = 86_400_000;
  const cases = [
    ['for another name', { names: ['other.example.test'], authority }, 'SMTP_TLS_NAME_MISMATCH'],
    ['signed by itself', { names: ['mail.example.test'] }, 'SMTP_TLS_UNTRUSTED'],
    [
      'out of date',
      {
        names: ['mail.example.test'],
        authority,
        validFrom: new Date(now - 30 * day),
        validTo: new Date(now - day),
      },
      'SMTP_TLS_EXPIRED',
    ],
  ] as const;
  test.each(cases)(
    '%s: refused before sign-in, with STARTTLS and with SMTPS',
    async (_name, request, code) => {
      const bad = await makeCertificate(request);
      const startTls = kept(await startHostileServer({ tls: bad, ehlo: ['AUTH PLAIN'] }));
      const implicit = kept(await startRealServer({ ...bad, secure: true }));
      const common = {
        customCa: authority.cert,
        authentication: credentials,
        lookup: () => Promise.resolve(['127.0.0.1']),
      };
      const first = await send(startTls.port, {
        ...common,
        tlsPolicy: 'required',
        endpoint: { host: 'mail.example.test', port: startTls.port },
      });
      const second = await send(implicit.port, {
        ...common,
        protocol: 'smtps',
        endpoint: { host: 'mail.example.test', port: implicit.port },
      });
      const fault = { stage: 'tls', scope: 'host', code };
      expect(first).toMatchObject({ kind: 'unreachable', fault });
      expect(second).toMatchObject({ kind: 'unreachable', fault });
      expectNothingOnTheWire(startTls);
      expect(implicit.signIns).toEqual([]);
      expect(implicit.mails).toEqual([]);
    },
  );

  test('the check can be switched off by choice', async () => {
    const bad = await makeCertificate({ names: ['other.example.test'] });
    const server = kept(await startRealServer({ ...bad, secure: true }));
    const outcome = await send(server.port, { protocol: 'smtps', checkCertificate: false });
    expect(outcome.kind).toBe('accepted');
  });
});

describe('STARTTLS or AUTH left out of EHLO: no password and no mail on the wire', () => {
  const cases: readonly (readonly [string, HostileScript, Partial<SmtpTransportOptions>, string])[] = [
    [
      'required TLS, none offered',
      { ehlo: ['AUTH PLAIN'] },
      { tlsPolicy: 'required' },
      'unreachable SMTP_STARTTLS_MISSING',
    ],
    [
      'required TLS without a password, none offered',
      { ehlo: [] },
      { tlsPolicy: 'required', authentication: null },
      'unreachable SMTP_STARTTLS_MISSING',
    ],
    [
      'TLS when offered, none offered, with a password',
      { ehlo: ['AUTH PLAIN LOGIN'] },
      { tlsPolicy: 'whenOffered' },
      'credentials SMTP_TLS_REQUIRED_FOR_PASSWORD',
    ],
    [
      'TLS offered but refused, with a password',
      { ehlo: ['AUTH PLAIN'], tls: certificate, reactions: { starttls: reply('454 4.7.0 not now') } },
      { tlsPolicy: 'whenOffered' },
      'unreachable SMTP_STARTTLS_REFUSED',
    ],
    [
      'no AUTH line behind TLS',
      { ehlo: [], tls: certificate },
      { tlsPolicy: 'required' },
      'credentials SMTP_AUTH_NOT_OFFERED',
    ],
    ['no AUTH line in clear', { ehlo: [] }, { tlsPolicy: 'none' }, 'credentials SMTP_AUTH_NOT_OFFERED'],
    [
      'only mechanisms without a password',
      { ehlo: ['AUTH XOAUTH2 NTLM'], tls: certificate },
      { tlsPolicy: 'required' },
      'credentials SMTP_AUTH_MECHANISM_MISSING',
    ],
    [
      'EHLO refused, HELO taken',
      { reactions: { ehlo: reply('502 5.5.1 only HELO') } },
      { tlsPolicy: 'none' },
      'credentials SMTP_AUTH_NOT_OFFERED',
    ],
    [
      'answers injected in clear before the handshake',
      { ehlo: [], tls: certificate, reactions: { starttls: reply('220 go\r\n250-evil\r\n250 AUTH PLAIN') } },
      { tlsPolicy: 'required' },
      'credentials SMTP_AUTH_NOT_OFFERED',
    ],
  ];
  test.each(cases)('%s', async (_name, script, changes, expected) => {
    const server = kept(await startHostileServer(script));
    const outcome = await send(server.port, {
      authentication: credentials,
      customCa: authority.cert,
      ...changes,
    });
    expect('fault' in outcome ? `${outcome.kind} ${outcome.fault.code}` : outcome.kind).toBe(expected);
    expectNothingOnTheWire(server);
  });

  test('without a password, mail goes in clear when TLS is refused and was only wished for', async () => {
    const server = kept(
      await startHostileServer({ tls: certificate, reactions: { starttls: reply('454 4.7.0 not now') } }),
    );
    const outcome = await send(server.port, { tlsPolicy: 'whenOffered' });
    expect(outcome.kind).toBe('accepted');
    const steps: ProbeStep[] = [];
    const transport = kept(buildTransport(smtpOptions(server.port, { tlsPolicy: 'whenOffered' })));
    await transport.probe((step) => steps.push(step), noAbort());
    expect(steps.at(-1)).toMatchObject({
      stage: 'tls',
      status: 'done',
      detail: expect.stringMatching(/in clear/),
    });
  });
});
