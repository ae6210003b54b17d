import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '#lib/context.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { testMailSettings } from '#lib/settings/test-mail-settings.ts';
import type { TranscriptLine } from '#lib/transports/contract.ts';
import { createSmtpTransport } from '#lib/transports/smtp/transport.ts';
import { noAbort, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { type BearerRules, startBearerServer, xoauth2Options } from '#tests/servers/smtp/token-server.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  type TestProject,
  testServices,
} from '#tests/support/factories.ts';
import {
  authority,
  certificate,
  clientSecret,
  comeBack,
  connectProject,
  endAccessToken,
  mailbox,
  makeIssuer,
  oauthInput,
  saveOauth,
  tokensOf,
  walkConsent,
} from './oauth-scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const issuer = await makeIssuer('google');
afterAll(() => issuer.close());
const keep = closeAfterEach();

let project: TestProject;
let ctx: Context;
/** Tokens that the mail server no longer takes, though the issuer does. */
let revoked: Set<string>;

beforeEach(async () => {
  const organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
  revoked = new Set();
});

async function check(userName: string, token: string): Promise<boolean> {
  const known = await issuer.readToken(token);
  return known?.account === userName && !revoked.has(token);
}

async function bearerServer(changes: Partial<BearerRules> = {}) {
  return keep(await startBearerServer({ certificate, check, mechanism: 'OAUTHBEARER', ...changes }));
}

/** A transport over TLS to that port, with the tokens of the project. */
async function transportTo(port: number, protocol: 'smtp' | 'smtps') {
  const tokens = await tokensOf(services, ctx, project);
  const transport = createSmtpTransport(
    smtpOptions(port, {
      endpoint: { host: 'localhost', port },
      protocol,
      tlsPolicy: 'required',
      customCa: authority.cert,
      authentication: { userName: mailbox, tokens },
    }),
  );
  return { transport, tokens };
}

async function sendOnce(port: number, protocol: 'smtp' | 'smtps' = 'smtps') {
  const { transport } = await transportTo(port, protocol);
  const dialogue: TranscriptLine[] = [];
  const mail = testMail({ keepDialogue: (lines) => void dialogue.push(...lines) });
  const outcome = await transport.send(mail, noAbort());
  await transport.close();
  return { outcome, dialogue: dialogue.map(({ text }) => text).join('\n') };
}

async function currentToken(): Promise<string> {
  const answer = await (await tokensOf(services, ctx, project)).accessToken(null, noAbort());
  return answer.kind === 'token' ? answer.token : '';
}

describe('a mail by XOAUTH2', () => {
  test('reaches a real server, and the token stands in no dialogue', async () => {
    await connectProject(ctx, project, oauthInput('google', issuer));
    const server = keep(await startRealServer(xoauth2Options(certificate, check)));
    const { outcome, dialogue } = await sendOnce(server.port, 'smtp');
    expect(outcome.kind).toBe('accepted');
    expect(server.mails).toMatchObject([{ user: mailbox, isSecure: true }]);
    expect(dialogue).toContain('AUTH XOAUTH2 ***');
    const token = await currentToken();
    expect(dialogue).not.toContain(token);
    expect(dialogue).not.toContain(Buffer.from(token).toString('base64').slice(4, 24));
  });

  test('whose token has ended fetches another before it connects', async () => {
    await connectProject(ctx, project, oauthInput('google', issuer));
    const old = await currentToken();
    revoked.add(old);
    await endAccessToken(database, project);
    const server = keep(await startRealServer(xoauth2Options(certificate, check)));
    expect((await sendOnce(server.port, 'smtp')).outcome.kind).toBe('accepted');
    expect(await currentToken()).not.toBe(old);
  });

  test('shows the request for its token in the dialogue, without a secret', async () => {
    await connectProject(ctx, project, oauthInput('google', issuer));
    await endAccessToken(database, project);
    const server = keep(await startRealServer(xoauth2Options(certificate, check)));
    const { outcome, dialogue } = await sendOnce(server.port, 'smtp');
    expect(outcome.kind).toBe('accepted');
    expect(dialogue).toContain(`POST ${issuer.tokenUrl}`);
    expect(dialogue).toContain('grant_type=refresh_token');
    expect(dialogue).toContain('"access_token"');
    const refreshToken = issuer.tokenRequests.at(-1)?.refreshToken ?? 'none';
    for (const hidden of [await currentToken(), refreshToken, clientSecret]) {
      expect(dialogue).not.toContain(hidden);
    }
  });

  test('whose token is refused by JSON is tried with a new one on the same connection', async () => {
    await connectProject(ctx, project, oauthInput('google', issuer));
    revoked.add(await currentToken());
    const server = keep(await startRealServer(xoauth2Options(certificate, check)));
    const before = issuer.tokenRequests.length;
    expect((await sendOnce(server.port, 'smtp')).outcome.kind).toBe('accepted');
    expect(issuer.tokenRequests.length - before).toBe(1);
    expect(server.mails).toHaveLength(1);
  });

  test('that no token helps stops the lane, with what the server said', async () => {
    await connectProject(ctx, project, oauthInput('google', issuer));
    const server = keep(await startRealServer(xoauth2Options(certificate, () => Promise.resolve(false))));
    const before = issuer.tokenRequests.length;
    const { outcome } = await sendOnce(server.port, 'smtp');
    expect(outcome).toMatchObject({
      kind: 'credentials',
      fault: { stage: 'authenticate', scope: 'mailbox', code: 'SMTP_TOKEN_REFUSED', reply: { code: 535 } },
    });
    expect(JSON.stringify(outcome)).toContain('https://mail.google.com/');
    expect(issuer.tokenRequests.length - before).toBe(1);
  });

  test('is refused at once by a server like Exchange, tried anew, and delivered', async () => {
    await connectProject(ctx, project, oauthInput('google', issuer));
    revoked.add(await currentToken());
    const server = await bearerServer({ mechanism: 'XOAUTH2', refusesAtOnce: true });
    expect((await sendOnce(server.port)).outcome.kind).toBe('accepted');
    expect(server.commands).toHaveLength(2);
  });
});

describe('a mail by OAUTHBEARER', () => {
  test('is delivered where the server offers only that', async () => {
    await connectProject(ctx, project, oauthInput('google', issuer));
    const server = await bearerServer();
    expect((await sendOnce(server.port)).outcome).toMatchObject({ kind: 'accepted', serverId: 'BEARER1' });
    expect(server.commands[0]).toMatch(/^AUTH OAUTHBEARER /);
  });

  test('carries the token after an empty challenge where the line would be too long', async () => {
    await connectProject(ctx, project, oauthInput('google', issuer));
    const server = await bearerServer({ wantsShortLines: true });
    expect((await sendOnce(server.port)).outcome.kind).toBe('accepted');
    expect(server.commands.at(-1)).toBe('AUTH OAUTHBEARER');
  });

  test('answers a refusal as RFC 7628 asks, and says it in the words of the server', async () => {
    await connectProject(ctx, project, oauthInput('google', issuer));
    const server = await bearerServer({ check: () => Promise.resolve(false) });
    const { outcome } = await sendOnce(server.port);
    expect(outcome).toMatchObject({ kind: 'credentials', fault: { code: 'SMTP_TOKEN_REFUSED' } });
    expect(JSON.stringify(outcome)).toContain('invalid_token');
  });
});

test('a server that takes no tokens is named as such', async () => {
  await connectProject(ctx, project, oauthInput('google', issuer));
  const server = keep(
    await startRealServer({ cert: certificate.cert, key: certificate.key, disabledCommands: [] }),
  );
  const { outcome } = await sendOnce(server.port, 'smtp');
  expect(outcome).toMatchObject({ kind: 'credentials', fault: { code: 'SMTP_TOKEN_MECHANISM_MISSING' } });
});

test('without a consent nobody is called', async () => {
  await saveOauth(ctx, project, oauthInput('google', issuer));
  const server = await bearerServer();
  const { outcome } = await sendOnce(server.port);
  expect(outcome).toMatchObject({
    kind: 'credentials',
    fault: { stage: 'token', code: 'OAUTH_CONSENT_MISSING' },
  });
  expect(server.commands).toEqual([]);
});

test('a test mail shows the token as a step of its own, for saved and for unsaved values', async () => {
  const server = keep(await startRealServer(xoauth2Options(certificate, check)));
  const input = oauthInput('google', issuer, { connection: { host: 'localhost', port: server.port } });
  await saveMailSettings(ctx, { project: project.slug, input, expectedVersion: null });
  await comeBack(ctx, await walkConsent(ctx, project));
  const run = async (draft: typeof input | null) => {
    const done: string[] = [];
    const observer = {
      begun: () => undefined,
      step: (step: { stage: string; status: string }) => {
        if (step.status === 'done') done.push(step.stage);
      },
    };
    const tested = await testMailSettings(
      ctx,
      { project: project.slug, input: draft, to: null },
      observer,
      noAbort(),
    );
    return { tested, done };
  };
  const saved = await run(null);
  expect(saved.tested.result.ok).toBe(true);
  expect(saved.done.slice(0, 3)).toEqual(['token', 'resolve', 'connect']);
  expect((await run(input)).tested.result.ok).toBe(true);
  const wrong = oauthInput('google', issuer, {
    connection: { host: 'localhost', port: server.port },
    oauth: { credential: { kind: 'secret', secret: { kind: 'set', value: 'wrong' }, expiresOn: null } },
  });
  expect((await run(wrong)).tested.result).toMatchObject({
    ok: false,
    fault: { stage: 'token', code: 'OAUTH_CLIENT_REFUSED' },
  });
  // What a person only tried leaves the connection as it was.
  expect(await currentToken()).not.toBe('');
});
