import { expect, test } from 'vitest';
import { systemClock } from '#lib/clock.ts';
import { proveConnection } from '#lib/doctor/prove-connection.ts';
import type { ProbeStep } from '#lib/transports/contract.ts';
import { ewsOptions, tokensInOrder } from '#tests/servers/ews/options.ts';
import { startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import { startHttpProxy } from '#tests/servers/proxy/http-proxy.ts';
import { makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { noAbort, smtpOptions } from '#tests/servers/smtp/options.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';

const kept = closeAfterEach();
const dayMs = 24 * 3_600_000;
const authentication = { userName: 'sender@example.test', password: 'correct horse' };

function prove(ways: Parameters<typeof proveConnection>[0]) {
  return proveConnection(ways, systemClock, noAbort());
}

function words(steps: readonly ProbeStep[] = []): string[] {
  return steps.map(({ stage, status }) => `${stage} ${status}`);
}

test('PRODUCT 2.19: both ways are proved without a mail, with the end of each certificate', async () => {
  const validTo = new Date(Date.now() + 20.5 * dayMs);
  const soon = await makeCertificate({ names: ['127.0.0.1'], validTo });
  const later = await makeCertificate({ names: ['127.0.0.1'] });
  const primary = kept(await startRealServer({ ...soon, disabledCommands: [] }));
  const alternate = kept(await startRealServer({ ...later, secure: true }));
  const proof = await prove({
    primary: smtpOptions(primary.port, { tlsPolicy: 'required', customCa: soon.cert, authentication }),
    alternate: smtpOptions(alternate.port, { protocol: 'smtps', customCa: later.cert, authentication }),
  });
  expect(proof).toMatchObject({ ok: true, primary: { ok: true }, alternate: { ok: true } });
  expect(words(proof?.primary.steps)).toContain('tls done');
  expect(proof?.primary.certificate).toEqual({
    subject: '127.0.0.1',
    issuer: '127.0.0.1',
    endsAt: new Date(Math.floor(validTo.getTime() / 1000) * 1000).toISOString(),
  });
  expect(proof?.primary.certificateDaysLeft).toBe(20);
  expect(proof?.alternate?.certificateDaysLeft).toBeGreaterThan(300);
  expect([...primary.mails, ...alternate.mails]).toEqual([]);
});

test('an alternate that is broken is found before it is needed, and a primary that is down hides it not', async () => {
  const server = kept(await startHostileServer());
  const proof = await prove({ primary: smtpOptions(server.port), alternate: smtpOptions(1) });
  expect(proof).toMatchObject({
    ok: false,
    primary: { ok: true, failure: null, certificate: null, certificateDaysLeft: null },
    alternate: { ok: false, failure: { fault: { code: 'CONNECT_REFUSED' } } },
  });
  expect(proof?.alternate?.failure?.remedy.todo).toContain('port');
  const turned = await prove({ primary: smtpOptions(1), alternate: smtpOptions(server.port) });
  expect(turned).toMatchObject({ ok: false, primary: { ok: false }, alternate: { ok: true } });
});

test('the proxy and the token are steps of their own, for Exchange too', async () => {
  const server = kept(await startEwsSimulator());
  const proxy = kept(await startHttpProxy({ user: 'user', password: 'secret' }));
  const through = (password: string) => ({
    proxy: {
      kind: 'http',
      host: '127.0.0.1',
      port: proxy.port,
      userName: 'user',
      password,
      noProxy: [],
    } as const,
  });
  const tokens = { kind: 'bearer', tokens: tokensInOrder('good-token-for-sender') } as const;
  const good = await prove({
    primary: ewsOptions(server, { ...through('secret'), authentication: tokens }),
    alternate: null,
  });
  expect(words(good?.primary.steps)).toEqual([
    'token done',
    'proxy done',
    'tls done',
    'authenticate done',
    'http done',
  ]);
  expect(good?.primary.certificateDaysLeft).toBeGreaterThan(300);
  const refused = await prove({ primary: ewsOptions(server, through('wrong')), alternate: null });
  expect(refused?.primary).toMatchObject({
    ok: false,
    steps: [{ stage: 'proxy', status: 'failed' }],
    failure: { fault: { code: 'PROXY_AUTH_REFUSED' } },
  });
  const tokenless = { kind: 'bearer', tokens: tokensInOrder() } as const;
  const unsigned = await prove({
    primary: ewsOptions(server, { authentication: tokenless }),
    alternate: null,
  });
  expect(words(unsigned?.primary.steps)).toEqual(['token failed']);
  expect(server.mails).toEqual([]);
});

test('a certificate that has ended is a failure, unless nobody checks it: then the days say so', async () => {
  const past = await makeCertificate({
    names: ['127.0.0.1'],
    validFrom: new Date(Date.now() - 20 * dayMs),
    validTo: new Date(Date.now() - 2.5 * dayMs),
  });
  const server = kept(await startRealServer({ ...past, secure: true }));
  const options = { protocol: 'smtps', customCa: past.cert, authentication } as const;
  const checked = await prove({ primary: smtpOptions(server.port, options), alternate: null });
  expect(checked?.primary).toMatchObject({ ok: false, failure: { fault: { code: 'SMTP_TLS_EXPIRED' } } });
  const unchecked = await prove({
    primary: smtpOptions(server.port, { ...options, checkCertificate: false }),
    alternate: null,
  });
  expect(unchecked?.primary).toMatchObject({ ok: true, certificateDaysLeft: -3 });
});

test('what is broken off proves nothing; who follows it sees every step', async () => {
  const server = kept(await startHostileServer());
  const steps: string[] = [];
  const ways = { primary: smtpOptions(server.port), alternate: null };
  await proveConnection(ways, systemClock, noAbort(), (way, { stage, status }) =>
    steps.push(`${way} ${stage} ${status}`),
  );
  expect(steps.slice(0, 2)).toEqual(['primary resolve running', 'primary resolve done']);
  expect(await proveConnection(ways, systemClock, AbortSignal.abort())).toBeNull();
});
