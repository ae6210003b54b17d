import { afterEach, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { createKey } from '#lib/keys/create-key.ts';
import { resolveKey } from '#lib/keys/resolve-key.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { startRealServer, type RealServer } from '#tests/servers/smtp/real-server.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, makeProject, testServices } from '#tests/support/factories.ts';
import {
  settingsDocument,
  type Scene,
  type SettingsChanges,
  waitForStates,
  writeSettings,
} from '../queue/queue-scene.ts';

const { database } = await createTestDatabase({ maxConnections: 20 });
const services = testServices(database);
const endings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

interface Desk {
  readonly ctx: Context;
  readonly scene: Scene;
  readonly server: RealServer;
}

/** A project without settings yet, and the server that they will name. */
async function bareDesk(): Promise<Desk> {
  const organization = await makeOrganization(database);
  const scene = { organization, project: await makeProject(database, organization) };
  const server = await startRealServer({ disabledCommands: ['STARTTLS', 'AUTH'] });
  endings.push(() => server.close());
  return { ctx: contextOf(services, organization), scene, server };
}

async function give({ ctx, scene }: Desk, input: object): Promise<string> {
  const answer = await acceptMessage(ctx, scene.project.slug, {
    to: ['reader@example.test'],
    text: 'x',
    ...input,
  });
  if (answer.kind !== 'accepted') throw new Error('not accepted');
  return answer.message.id;
}

/** Writes settings and lets a worker send what waits. */
async function send({ scene, server }: Desk, sending: SettingsChanges['sending']): Promise<void> {
  await writeSettings(
    database,
    scene,
    settingsDocument({ port: server.port, ...(sending === undefined ? {} : { sending }) }),
  );
  const worker = await runWorker(services);
  endings.push(() => worker.stop());
}

test('a From given before there were settings does not leave when they do not allow it (PRODUCT 2.17)', async () => {
  const desk = await bareDesk();
  const { ctx, scene, server } = desk;
  const refused = await give(desk, { from: 'ceo@other.test', to: ['a@example.test', 'b@example.test'] });
  await give(desk, { from: 'Portal <portal@example.test>' });
  await give(desk, {});
  await send(desk, {});
  await waitForStates(database, scene, { sent: 2, failed: 1 });
  expect(server.mails.map(({ from }) => from)).toEqual(['portal@example.test', 'portal@example.test']);
  const message = await getMessage(ctx, { project: scene.project.slug, id: refused });
  expect(message).toMatchObject({ state: 'failed', stateReason: 'SENDER_NOT_ALLOWED' });
  expect(message.recipients.map(({ state, code }) => [state, code])).toEqual([
    ['refused', 'SENDER_NOT_ALLOWED'],
    ['refused', 'SENDER_NOT_ALLOWED'],
  ]);
  expect(message.attempts).toMatchObject([
    {
      outcome: 'permanent',
      stage: 'sender',
      code: 'SENDER_NOT_ALLOWED',
      reply: 'ceo@other.test is not among the allowed senders.',
    },
  ]);
});

test('a list that was narrowed holds for mail accepted before', async () => {
  const desk = await bareDesk();
  const { scene, server } = desk;
  const wide = settingsDocument({ port: server.port, sending: { allowedSenders: ['other.test'] } });
  await writeSettings(database, scene, wide);
  await give(desk, { from: 'ceo@other.test' });
  await send(desk, { allowedSenders: [] });
  await waitForStates(database, scene, { failed: 1 });
  expect(server.mails).toHaveLength(0);
});

test('where others are rewritten, it leaves by the configured sender and stays reachable', async () => {
  const desk = await bareDesk();
  const { scene, server } = desk;
  await give(desk, { from: 'Jörg <ceo@other.test>', subject: 'one' });
  await give(desk, { from: 'ceo@other.test', replyTo: 'desk@other.test', subject: 'two' });
  const mime = 'From: ceo@other.test\r\nTo: a@example.test\r\nSubject: three\r\n\r\nx\r\n';
  const answer = await acceptMessage(desk.ctx, scene.project.slug, {
    mime,
    envelope: { from: 'bounces@other.test', to: ['a@example.test'] },
  });
  expect(answer.kind).toBe('accepted');
  await send(desk, { otherSenders: 'rewrite' });
  await waitForStates(database, scene, { sent: 3 });
  const mails = server.mails.toSorted((a, b) => subjectOf(a.raw).localeCompare(subjectOf(b.raw)));
  expect(mails.map(({ from }) => from)).toEqual(Array.from({ length: 3 }, () => 'portal@example.test'));
  const headers = mails.map(({ raw }) => raw.slice(0, raw.indexOf('\r\n\r\n')));
  for (const block of headers) {
    expect(block.match(/^From:/gm)).toHaveLength(1);
    expect(block).toContain('From: Portal <portal@example.test>');
    expect(block.match(/^Reply-To:/gm)).toHaveLength(1);
  }
  expect(headers[0]).toMatch(/^Reply-To: =\?utf-8\?.*<ceo@other\.test>$/im);
  // In the order of the alphabet: one, three, two.
  expect(headers[1]).toContain('Reply-To: ceo@other.test');
  expect(headers[2]).toContain('Reply-To: desk@other.test');
});

function subjectOf(raw: string): string {
  return /^Subject: (.*)$/m.exec(raw)?.[1] ?? '';
}

test("a key's own senders hold when the mail starts too", async () => {
  const desk = await bareDesk();
  const { ctx, scene, server } = desk;
  const key = await createKey(ctx, {
    project: scene.project.slug,
    name: 'narrow',
    scopes: ['send'],
    allowedSenders: ['portal@example.test'],
  });
  const resolved = await resolveKey(database, key.token);
  if (resolved.kind !== 'resolved') throw new Error('no key');
  const byKey = { ...desk, ctx: { ...ctx, actor: resolved.key.actor } };
  await give(byKey, { from: 'portal@example.test' });
  const id = await give(byKey, { from: 'portal@example.test' });
  await asOwner(database, (tx) =>
    tx.query(`update mailroom.messages set from_address = 'ceo@other.test' where id = $1`, [id]),
  );
  await send(desk, { allowedSenders: ['other.test'] });
  await waitForStates(database, scene, { sent: 1, failed: 1 });
  expect(server.mails).toHaveLength(1);
});
