import { describe, expect, test } from 'vitest';
import { buildTransport } from '#lib/transports/build-transport.ts';
import type { ProbeStep } from '#lib/transports/contract.ts';
import type { EwsAuthentication } from '#lib/transports/ews/settings.ts';
import { startHttpProxy } from '#tests/servers/proxy/http-proxy.ts';
import { ewsOptions, tokensInOrder } from '#tests/servers/ews/options.ts';
import { makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { noAbort, testMail } from '#tests/servers/smtp/options.ts';
import { ewsScenes } from './scene.ts';

const startScene = ewsScenes();

function password(
  kind: 'basic' | 'ntlm',
  userName = 'sender@example.test',
  secret = 'correct horse',
): EwsAuthentication {
  return { kind, userName, password: secret };
}

describe('who gets in', () => {
  test.each<[string, EwsAuthentication]>([
    ['Basic', password('basic')],
    ['NTLM with the mail address', password('ntlm')],
    ['NTLM with domain and name', password('ntlm', String.raw`EXAMPLE\sender`)],
    ['NTLM in other cases', password('ntlm', String.raw`example\SENDER`)],
    ['a token', { kind: 'bearer', tokens: tokensInOrder('good-token-for-sender') }],
  ])('%s', async (_what, authentication) => {
    const { send } = await startScene({}, { authentication });
    expect(await send()).toMatchObject({ kind: 'accepted' });
  });

  test.each<[string, EwsAuthentication, string]>([
    ['a wrong password, Basic', password('basic', 'sender@example.test', 'wrong'), 'EWS_AUTH_REFUSED'],
    ['a wrong password, NTLM', password('ntlm', 'sender@example.test', 'wrong'), 'EWS_AUTH_REFUSED'],
    ['a name that nobody has', password('ntlm', String.raw`EXAMPLE\nobody`), 'EWS_AUTH_REFUSED'],
    ['another domain', password('ntlm', String.raw`OTHER\sender`), 'EWS_AUTH_REFUSED'],
    [
      'tokens that are no good',
      { kind: 'bearer', tokens: tokensInOrder('old', 'older') },
      'EWS_TOKEN_REFUSED',
    ],
    ['no second token', { kind: 'bearer', tokens: tokensInOrder('old') }, 'TOKEN_REFUSED'],
  ])('not %s: the lane stops, the mail is nobody’s fault', async (_what, authentication, code) => {
    const { server, send } = await startScene({}, { authentication });
    expect(await send()).toMatchObject({ kind: 'credentials', fault: { code, scope: 'mailbox' } });
    expect(server.mails).toEqual([]);
  });

  test.each<[EwsAuthentication, 'basic' | 'ntlm' | 'bearer']>([
    [password('basic'), 'ntlm'],
    [password('ntlm'), 'basic'],
    [{ kind: 'bearer', tokens: tokensInOrder('a', 'b') }, 'basic'],
  ])('a way to sign in that the server does not offer is told as that', async (authentication, offered) => {
    const { send } = await startScene({ offered: [offered] }, { authentication });
    expect(await send()).toMatchObject({ kind: 'credentials', fault: { code: 'EWS_AUTH_METHOD_MISSING' } });
  });
});

test('NTLM: one handshake for each mail, on one connection', async () => {
  const { server, send } = await startScene({}, { authentication: password('ntlm'), maxConnections: 1 });
  for (let count = 0; count < 3; count += 1) expect(await send()).toMatchObject({ kind: 'accepted' });
  expect(server.connectionCount).toBe(1);
  expect(server.mails).toHaveLength(3);
});

test('a refused token is replaced once, and the mail goes out with the new one', async () => {
  const tokens = tokensInOrder('revoked', 'good-token-for-sender');
  const { server, transport } = await startScene({}, { authentication: { kind: 'bearer', tokens } });
  let opened = 0;
  let marks = 0;
  const bytes = Buffer.from('To: reader@example.test\r\n\r\nx\r\n');
  const mail = testMail({
    sizeBytes: bytes.length,
    open: async function* () {
      opened += 1;
      yield bytes;
    },
    mayStart: () => {
      marks += 1;
      return Promise.resolve(true);
    },
  });
  expect(await transport.send(mail, noAbort())).toMatchObject({ kind: 'accepted' });
  expect(tokens.asked).toEqual([null, 'revoked']);
  expect({ opened, marks, mails: server.mails.length }).toEqual({ opened: 2, marks: 1, mails: 1 });
});

test('a token server that is out of reach holds the lane for a while, no more', async () => {
  const fault = { stage: 'token', scope: 'host', code: 'CONNECT_REFUSED', reply: null } as const;
  const tokens = { accessToken: () => Promise.resolve({ kind: 'unreachable', fault } as const) };
  const { server, send } = await startScene({}, { authentication: { kind: 'bearer', tokens } });
  expect(await send()).toEqual({ kind: 'unreachable', fault });
  expect(server.connectionCount).toBe(0);
});

test('an app without a mailbox speaks for one', async () => {
  const tokens = tokensInOrder('app-token');
  const mailbox = { address: 'sender@example.test', access: 'impersonation' } as const;
  const authentication = { kind: 'bearer', tokens } as const;
  const server = { tokens: new Map([['app-token', null]]) };
  const { send } = await startScene(server, { authentication, mailbox });
  expect(await send()).toMatchObject({ kind: 'accepted' });
  const without = await startScene(server, { authentication });
  expect(await without.send()).toMatchObject({ kind: 'credentials', fault: { code: 'EWS_MAILBOX_UNKNOWN' } });
  const denied = await startScene({ ...server, mayImpersonate: false }, { authentication, mailbox });
  expect(await denied.send()).toMatchObject({
    kind: 'credentials',
    fault: { code: 'EWS_IMPERSONATION_DENIED' },
  });
});

test('a mailbox that the sign-in has no right to', async () => {
  const users = ['sender', 'other'].map((name) => ({
    userName: `${name}@example.test`,
    domain: 'EXAMPLE',
    password: 'correct horse',
    mailbox: `${name}@example.test`,
  }));
  const [other, nobody] = (['other@example.test', 'nobody@example.test'] as const).map(
    (address) => ({ mailbox: { address, access: 'delegate' } }) as const,
  );
  const denied = await startScene({ users }, other);
  expect(await denied.send()).toMatchObject({ kind: 'credentials', fault: { code: 'EWS_ACCESS_DENIED' } });
  const unknown = await startScene({ users }, nobody);
  expect(await unknown.send()).toMatchObject({ kind: 'credentials', fault: { code: 'EWS_MAILBOX_UNKNOWN' } });
});

async function walk(
  server: Parameters<typeof startScene>[0],
  options: Parameters<typeof startScene>[1] = {},
): Promise<{ steps: string[]; detail: string | null; code: string | null }> {
  const { transport } = await startScene(server, options);
  const steps: ProbeStep[] = [];
  const result = await transport.probe((step) => steps.push(step), noAbort());
  const ended = steps.filter(({ status }) => status !== 'running');
  const last = ended.at(-1);
  return {
    steps: ended.map(({ stage, status }) => `${stage} ${status}`),
    detail: last?.status === 'done' ? last.detail : null,
    code: result.ok ? null : result.fault.code,
  };
}

describe('the probe', () => {
  test('of a mailbox that answers', async () => {
    expect(await walk({}, { authentication: password('ntlm') })).toEqual({
      steps: ['resolve done', 'connect done', 'tls done', 'authenticate done', 'http done'],
      detail: 'Exchange 15.2.1544',
      code: null,
    });
  });

  test('with a token, whose fetching is a step of its own', async () => {
    const authentication = { kind: 'bearer', tokens: tokensInOrder('good-token-for-sender') } as const;
    const { steps } = await walk({}, { authentication });
    expect(steps[0]).toBe('token done');
  });

  test('a blocked server fails at the question, not at the sign-in', async () => {
    const blocked = {
      kind: 'status',
      status: 403,
      headers: { 'x-calculatedbetarget': 'x.outlook.com' },
    } as const;
    expect(await walk({ react: () => blocked })).toEqual({
      steps: ['resolve done', 'connect done', 'tls done', 'authenticate done', 'http failed'],
      detail: null,
      code: 'EWS_RETIRED',
    });
  });

  test('what reads is never in doubt', async () => {
    const { code } = await walk({ react: () => ({ kind: 'status', status: 500 }) });
    expect(code).toBe('EWS_TEMPORARY');
    const lost = await walk({ react: () => ({ kind: 'reset' }) });
    expect(lost).toMatchObject({
      steps: [...lost.steps.slice(0, 3), 'authenticate failed'],
      code: 'HTTP_CONNECTION_LOST',
    });
  });

  test('a certificate that nobody vouches for', async () => {
    const { steps, code } = await walk({}, { customCa: (await makeCertificate({ names: ['x'] })).cert });
    expect(steps).toEqual(['resolve done', 'connect done', 'tls failed']);
    expect(code).toBe('HTTP_TLS_UNTRUSTED');
  });
});

test('PRODUCT 2.10: through the project’s proxy, with the handshake bound to the server’s own certificate', async () => {
  const { server } = await startScene();
  const proxy = await startHttpProxy({ user: 'user', password: 'secret' });
  const transport = buildTransport(
    ewsOptions(server, {
      authentication: password('ntlm'),
      proxy: {
        kind: 'http',
        host: '127.0.0.1',
        port: proxy.port,
        userName: 'user',
        password: 'secret',
        noProxy: [],
      },
    }),
  );
  expect(await transport.send(testMail(), noAbort())).toMatchObject({ kind: 'accepted' });
  await transport.close();
  await proxy.close();
});
