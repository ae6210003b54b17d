import { expect, test } from 'vitest';
import { getMessage } from '#lib/messages/get-message.ts';
import { getMessageContent } from '#lib/messages/get-message-content.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, makeProject, testServices } from '#tests/support/factories.ts';
import { settingsDocument, writeSettings } from '../queue/queue-scene.ts';
import { accepted, sqlRows } from './scene.ts';

const { database } = await createTestDatabase();
const organization = await makeOrganization(database);
const ctx = contextOf(testServices(database), organization);
const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };

async function projectWith(otherSenders: 'refuse' | 'rewrite') {
  const project = await makeProject(database, organization);
  const document = settingsDocument({
    port: 25,
    sending: { otherSenders, allowedSenders: ['*.example.org'] },
  });
  await writeSettings(database, { organization, project }, document);
  return project;
}

async function headersOf(project: string, id: string): Promise<Map<string, string>> {
  const { headers } = await getMessageContent(ctx, { project, id });
  return new Map(headers.map(({ name, value }) => [name, value]));
}

test('another From is refused, naming the field (PRODUCT 2.17)', async () => {
  const project = await projectWith('refuse');
  const refused = acceptMessage(ctx, project.slug, { ...letter, from: 'eve@example.net' });
  await expect(refused).rejects.toMatchObject({ code: 'sender_not_allowed', issues: [{ field: 'from' }] });
  const mime = 'From: eve@example.net\r\nSubject: x\r\n\r\nHello';
  const envelope = { to: ['ada@example.com'] };
  const finished = acceptMessage(ctx, project.slug, { mime, envelope });
  await expect(finished).rejects.toMatchObject({ code: 'sender_not_allowed', issues: [{ field: 'mime' }] });
  const path = acceptMessage(ctx, project.slug, {
    mime: mime.replace('eve@example.net', 'a@sub.example.org'),
    envelope: { ...envelope, from: 'eve@example.net' },
  });
  await expect(path).rejects.toMatchObject({
    code: 'sender_not_allowed',
    issues: [{ field: 'envelope.from' }],
  });
  const id = await accepted(ctx, project.slug, { ...letter, from: 'a@sub.example.org' });
  expect((await headersOf(project.slug, id)).get('From')).toBe('a@sub.example.org');
});

test('by choice it is rewritten, and stays as Reply-To', async () => {
  const project = await projectWith('rewrite');
  const id = await accepted(ctx, project.slug, { ...letter, from: 'Eve <eve@example.net>' });
  const headers = await headersOf(project.slug, id);
  expect(headers.get('From')).toContain('portal@example.test');
  expect(headers.get('Reply-To')).toBe('Eve <eve@example.net>');
});

test('rules that were just changed hold for the next message, whatever was kept in memory', async () => {
  const project = await projectWith('refuse');
  await accepted(ctx, project.slug, letter);
  const open = settingsDocument({ port: 25, sending: { allowedSenders: ['example.net'] } });
  await writeSettings(database, { organization, project }, open);
  const id = await accepted(ctx, project.slug, { ...letter, from: 'eve@example.net' });
  expect((await getMessage(ctx, { project: project.slug, id })).from).toBe('eve@example.net');
  await writeSettings(database, { organization, project }, settingsDocument({ port: 25 }));
  const refused = acceptMessage(ctx, project.slug, { ...letter, from: 'eve@example.net' });
  await expect(refused).rejects.toMatchObject({ code: 'sender_not_allowed' });
});

test('the envelope alone says who gets a finished message (PRODUCT 4.9)', async () => {
  const project = await projectWith('refuse');
  const id = await accepted(ctx, project.slug, {
    mime:
      'From: portal@example.test\r\nTo: ada@example.com, bob@example.com\r\nCc: x@example.com\r\n' +
      'Bcc: hidden@example.com\r\nSubject: x\r\n\r\nHello',
    envelope: {
      from: '',
      to: ['bob@EXAMPLE.com', 'bob@example.com', 'hidden@example.com', 'list@example.com'],
    },
  });
  const message = await getMessage(ctx, { project: project.slug, id });
  expect(message.envelopeFrom).toBe('');
  expect(message.recipients.map(({ address, kind }) => `${address} ${kind}`)).toEqual([
    'bob@example.com to',
    'hidden@example.com bcc',
    'list@example.com envelope',
  ]);
  const stored = await sqlRows<{ headers: string }>(
    database,
    'select headers from mailroom.contents where message_id = $1 and part = 0',
    [id],
  );
  expect(stored[0]?.headers).not.toContain('hidden');
});

test('recipients are distinct, the case of a local part is kept, domains become A-labels', async () => {
  const project = await projectWith('refuse');
  const id = await accepted(ctx, project.slug, {
    ...letter,
    to: ['Ada@Example.com', 'ada@example.com', 'Ada@EXAMPLE.com'],
    cc: ['jörg@münchen.example'],
    bcc: ['ada@example.com'],
  });
  const { recipients } = await getMessage(ctx, { project: project.slug, id });
  expect(recipients.map(({ address, kind }) => `${address} ${kind}`)).toEqual([
    'Ada@example.com to',
    'ada@example.com to',
    'jörg@xn--mnchen-3ya.example cc',
  ]);
});

test.each([
  ['sendAt', { sendAt: '2099-01-01T00:00:00Z' }],
  ['expiresAt', { expiresAt: '2020-01-01T00:00:00Z' }],
  ['category', { category: 'mailroom.notices' }],
])('%s is refused by name where it cannot be', async (field, change) => {
  const project = await projectWith('refuse');
  await expect(acceptMessage(ctx, project.slug, { ...letter, ...change })).rejects.toMatchObject({
    code: 'invalid_input',
    issues: [{ field }],
  });
});
