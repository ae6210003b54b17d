import { afterAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { wakeLane } from '#lib/queue/wake-lane.ts';
import { startWorkerProcess } from '#tests/faults/worker-process.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { xoauth2Options } from '#tests/servers/smtp/token-server.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, makeProject, testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import {
  certificate,
  comeBack,
  mailbox,
  makeIssuer,
  oauthInput,
  saveOauth,
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
  for (let mail = 0; mail < 20; mail += 1) {
    await acceptMessage(ctx, project.slug, {
      to: [`reader-${mail}@example.test`],
      subject: `Mail ${mail}`,
      text: 'Hello',
      category: 'test',
    });
  }
  const stopCode = async (): Promise<string | null> => {
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ code: string | null }>('select stop_code as code from mailroom.lanes where id = $1', [
        project.laneId,
      ]),
    );
    return rows[0]?.code ?? null;
  };
  await waitUntil('the lane waits for a consent', async () => (await stopCode()) === 'OAUTH_CONSENT_MISSING');
  expect(server.mails).toHaveLength(0);

  const before = issuer.tokenRequests.length;
  const finished = await comeBack(ctx, await walkConsent(ctx, project));
  if (!finished.ok) throw new Error('no consent');
  wakeLane(database, finished.laneId);
  await waitUntil('every mail at the server', () => server.mails.length === 20);
  expect(new Set(server.mails.map(({ user }) => user))).toEqual(new Set([mailbox]));
  // One request for the code, and none for the mails.
  expect(issuer.tokenRequests.length - before).toBe(1);
  expect(await stopCode()).toBeNull();
  await worker.stop(10_000);
  expect(worker.output()).not.toContain('Bearer');
});
