import { afterAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { testMailSettings } from '#lib/settings/test-mail-settings.ts';
import { wakeLane } from '#lib/queue/wake-lane.ts';
import { startWorkerProcess } from '#tests/faults/worker-process.ts';
import { startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import { noAbort } from '#tests/servers/smtp/options.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { xoauth2Options } from '#tests/servers/smtp/token-server.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import type { Context } from '#lib/context.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  type TestProject,
  testServices,
} from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import {
  authority,
  certificate,
  comeBack,
  mailbox,
  makeIssuer,
  oauthInput,
  saveOauth,
  tokensOf,
  walkConsent,
} from './oauth-scene.ts';

const db = await createTestDatabase();
const { database } = db;
const services = testServices(database);
const issuer = await makeIssuer('google');
const server = await startRealServer(
  xoauth2Options(
    certificate,
    async (userName, token) => (await issuer.readToken(token))?.account === userName,
  ),
);
afterAll(() => Promise.all([issuer.close(), server.close()]));

async function stopCodeOf(project: TestProject): Promise<string | null> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ code: string | null }>('select stop_code as code from mailroom.lanes where id = $1', [
      project.laneId,
    ]),
  );
  return rows[0]?.code ?? null;
}

async function acceptMails(ctx: Context, project: TestProject, count: number): Promise<void> {
  for (let mail = 0; mail < count; mail += 1) {
    await acceptMessage(ctx, project.slug, {
      to: [`reader-${mail}@example.test`],
      subject: `Mail ${mail}`,
      text: 'Hello',
      category: 'test',
    });
  }
}

test('mail is accepted before the consent, waits with that reason, and leaves after it (PRODUCT 2.9, 4.4)', async () => {
  const organization = await makeOrganization(database);
  const project = await makeProject(database, organization);
  const ctx = contextOf(services, organization);
  await saveOauth(
    ctx,
    project,
    oauthInput('google', issuer, { connection: { host: 'localhost', port: server.port } }),
  );
  const worker = await startWorkerProcess(db, { MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8,::1' });
  await acceptMails(ctx, project, 20);
  await waitUntil(
    'the lane waits for a consent',
    async () => (await stopCodeOf(project)) === 'OAUTH_CONSENT_MISSING',
  );
  expect(server.mails).toHaveLength(0);

  const before = issuer.tokenRequests.length;
  const finished = await comeBack(ctx, await walkConsent(ctx, project));
  if (!finished.ok) throw new Error('no consent');
  wakeLane(database, finished.laneId);
  await waitUntil('every mail at the server', () => server.mails.length === 20);
  expect(new Set(server.mails.map(({ user }) => user))).toEqual(new Set([mailbox]));
  // One request for the code, and none for the mails.
  expect(issuer.tokenRequests.length - before).toBe(1);
  expect(await stopCodeOf(project)).toBeNull();
  await worker.stop(10_000);
  expect(worker.output()).not.toContain('Bearer');
});

test('mail leaves by Graph with a consented token, and a test mail says each step', async () => {
  const microsoft = await makeIssuer('microsoft');
  const graph = await startGraphServer({
    authority,
    mailboxes: [mailbox],
    readToken: async (token) => {
      const known = await microsoft.readToken(token);
      const scopes = (known?.scope ?? '').split(' ');
      return known === null ? null : { clientId: 'mailroom', mailbox: known.account, scopes };
    },
  });
  const organization = await makeOrganization(database);
  const project = await makeProject(database, organization);
  const ctx = contextOf(services, organization);
  const { connection, ...rest } = oauthInput('microsoft', microsoft);
  if (connection.kind !== 'smtp' || connection.authentication.kind !== 'oauth') throw new Error('no OAuth');
  const { userName: _, server, ...oauth } = connection.authentication;
  if (server.kind !== 'microsoft') throw new Error('not Microsoft');
  await saveOauth(ctx, project, {
    ...rest,
    connection: {
      kind: 'graph',
      endpoint: graph.endpoint,
      mailbox,
      customCa: authority.cert,
      saveToSentItems: true,
      proveOnce: false,
      requestsCountedBy: 'client_and_mailbox',
      authentication: { ...oauth, server, scope: 'Mail.ReadWrite, Mail.Send.Shared, offline_access' },
    },
  });
  const finished = await comeBack(ctx, await walkConsent(ctx, project));
  if (!finished.ok) throw new Error(JSON.stringify(finished.fault));
  const worker = await startWorkerProcess(db, { MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8,::1' });
  const before = microsoft.tokenRequests.length;
  await acceptMails(ctx, project, 10);
  wakeLane(database, finished.laneId);
  await waitUntil('every mail through Graph', () => graph.deliveries.length === 10);
  expect(microsoft.tokenRequests.length).toBe(before);
  expect(graph.requests.filter((line) => line.endsWith(' 429'))).toEqual([]);

  const done: string[] = [];
  const observer = {
    begun: () => undefined,
    step: (step: { stage: string; status: string }) => void (step.status === 'done' && done.push(step.stage)),
  };
  const tested = await testMailSettings(
    ctx,
    { project: project.slug, input: null, to: null },
    observer,
    noAbort(),
  );
  expect(tested.result.ok).toBe(true);
  expect(graph.deliveries).toHaveLength(11);
  expect(done).toContain('token');
  expect(done.at(-1)).toBe('answer');
  await worker.stop(10_000);
  await Promise.all([graph.close(), microsoft.close()]);
});

test('mail leaves by EWS with a password, by NTLM, and with a consented token', async () => {
  const microsoft = await makeIssuer('microsoft');
  const tokens = new Map<string, string | null>();
  const exchange = await startEwsSimulator({
    offered: ['ntlm', 'basic', 'bearer'],
    users: [{ userName: mailbox, domain: '', password: 'correct horse', mailbox }],
    tokens,
    maySendAs: [mailbox],
  });
  const worker = await startWorkerProcess(db, { MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8,::1' });
  const organization = await makeOrganization(database);
  const ctx = contextOf(services, organization);
  const { connection, ...rest } = oauthInput('microsoft', microsoft);
  if (connection.kind !== 'smtp' || connection.authentication.kind !== 'oauth') throw new Error('no OAuth');
  const password = { kind: 'set', value: 'correct horse' } as const;
  const signIns = [
    { kind: 'basic', scheme: 'basic', userName: mailbox, password },
    { kind: 'basic', scheme: 'ntlm', userName: mailbox, password },
    {
      ...connection.authentication,
      scope: 'https://outlook.office365.com/EWS.AccessAsUser.All offline_access',
    },
  ] as const;
  for (const [index, authentication] of signIns.entries()) {
    const project = await makeProject(database, organization);
    await saveOauth(ctx, project, {
      ...rest,
      connection: {
        kind: 'ews',
        connectUrl: exchange.url,
        checkCertificate: true,
        // One authority for the mail server, one for the authorization server.
        customCa: `${exchange.certificate}\n${authority.cert}`,
        maxConnections: 2,
        saveToSentItems: true,
        anchorMailbox: null,
        impersonatedMailbox: null,
        authentication,
      },
    });
    if (authentication.kind === 'oauth') {
      const finished = await comeBack(ctx, await walkConsent(ctx, project));
      if (!finished.ok) throw new Error(JSON.stringify(finished.fault));
      const answer = await (await tokensOf(services, ctx, project)).accessToken(null, noAbort());
      if (answer.kind === 'token') tokens.set(answer.token, mailbox);
    }
    await acceptMails(ctx, project, 3);
    wakeLane(database, project.laneId);
    await waitUntil(`the mails of sign-in ${index}`, async () => {
      expect(await stopCodeOf(project)).toBeNull();
      return exchange.mails.length === (index + 1) * 3;
    });
  }
  await worker.stop(10_000);
  await Promise.all([exchange.close(), microsoft.close()]);
});
