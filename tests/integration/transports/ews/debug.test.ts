import { expect, test } from 'vitest';
import { getMessageDialogue } from '#lib/messages/get-message-dialogue.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { defaultRetrySchedule } from '#lib/settings/schemas.ts';
import { queueMails, waitForStates } from '#tests/integration/queue/queue-scene.ts';
import { startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, makeProject, testServices } from '#tests/support/factories.ts';

const kept = closeAfterEach();
const mailbox = 'sender@example.test';
const password = 'pl41n-p4ssw0rd-of-the-mailbox';
const content = 'x'.repeat(70);

test('email debug of a mail by EWS with NTLM: on its page, signed in, and without a secret (PRODUCT 2.11)', async () => {
  const { database } = await createTestDatabase();
  const server = kept(
    await startEwsSimulator({
      offered: ['ntlm'],
      users: [{ userName: mailbox, domain: 'EXAMPLE', password, mailbox }],
    }),
  );
  const organization = await makeOrganization(database);
  const project = await makeProject(database, organization);
  const ctx = contextOf(testServices(database), organization);
  await saveMailSettings(ctx, {
    project: project.slug,
    expectedVersion: null,
    whileSending: 'save_only',
    input: {
      sender: { name: 'Sender', address: mailbox, replyTo: null },
      connection: {
        kind: 'ews',
        connectUrl: server.url,
        checkCertificate: true,
        customCa: server.certificate,
        maxConnections: 2,
        saveToSentItems: true,
        anchorMailbox: null,
        impersonatedMailbox: null,
        authentication: {
          kind: 'basic',
          scheme: 'ntlm',
          userName: 'EXAMPLE\\sender',
          password: { kind: 'set', value: password },
        },
      },
      proxy: { use: false, server: null },
      debug: { until: new Date(Date.now() + 3_600_000).toISOString() },
      sending: {
        mode: { kind: 'live' },
        allowedSenders: [],
        otherSenders: 'refuse',
        uncertain: 'resend',
        retry: defaultRetrySchedule,
      },
    },
  });
  const [id = ''] = await queueMails(database, { organization, project }, 1);
  const worker = await runWorker(ctx);
  worker.wake(project.laneId);
  await waitForStates(database, { organization, project }, { sent: 1 });
  await worker.stop();

  const [dialogue] = await getMessageDialogue(ctx, { project: project.slug, id });
  const lines = (dialogue?.lines ?? []).map(({ direction, text }) => `${direction}: ${text}`);
  // Two messages of the client's, with the server's challenge between them.
  expect(lines.filter((line) => line === 'sent: authorization: NTLM ***')).toHaveLength(2);
  expect(lines.filter((line) => line === 'received: www-authenticate: NTLM ***').length).toBeGreaterThan(0);
  expect(lines).toContain('received: HTTP/1.1 401');
  expect(lines).toContain('received: HTTP/1.1 200');
  expect(lines).toContainEqual(expect.stringMatching(/^sent: <t:MimeContent>\*\*\* \d+ bytes of the mail/));
  const all = lines.join('\n');
  for (const secret of [password, Buffer.from(password).toString('base64'), 'TlRMTVNTUA', content]) {
    expect(all).not.toContain(secret);
  }
  expect(all).not.toContain(Buffer.from(content).toString('base64').slice(0, 40));
});
