import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { cancelMessage, cancelMessages } from '#lib/messages/cancel-messages.ts';
import { countMessages } from '#lib/messages/count-messages.ts';
import { downloadMessage } from '#lib/messages/download-message.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { getMessageContent } from '#lib/messages/get-message-content.ts';
import { listMessages } from '#lib/messages/list-messages.ts';
import { releaseMessages } from '#lib/messages/release-messages.ts';
import { resendMessage } from '#lib/messages/resend-message.ts';
import { tryMessagesNow } from '#lib/messages/try-messages-now.ts';
import { newId } from '#lib/ids.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  makeProject,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { accepted, settle, sqlRows } from './scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const organization = await makeOrganization(database);
const project = await makeProject(database, organization);
const other = await makeProject(database, organization);
const ctx = contextOf(services, organization);
const strangerCtx = contextOf(services, await makeOrganization(database));

const letter = {
  to: ['ada@example.com', 'bob@example.com'],
  subject: '[SD-48207] Password reset',
  text: 'Hello',
};
const at = { project: project.slug };

async function auditActions(id: string): Promise<string[]> {
  const rows = await sqlRows<{ action: string }>(
    database,
    'select action from mailroom.audit_entries where object_id = $1 order by id',
    [id],
  );
  return rows.map(({ action }) => action);
}

test('pages go by keyset, both ways, and end', async () => {
  const paged = await makeProject(database, organization);
  const ids: string[] = [];
  for (let index = 0; index < 5; index += 1) ids.unshift(await accepted(ctx, paged.slug, letter));
  const first = await listMessages(ctx, { project: paged.slug, limit: 2 });
  expect(first.messages.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(first.newer).toBeNull();
  const second = await listMessages(ctx, { project: paged.slug, limit: 2, before: first.older ?? '' });
  expect(second.messages.map(({ id }) => id)).toEqual(ids.slice(2, 4));
  const last = await listMessages(ctx, { project: paged.slug, limit: 2, before: second.older ?? '' });
  expect(last.messages.map(({ id }) => id)).toEqual(ids.slice(4));
  expect(last.older).toBeNull();
  const back = await listMessages(ctx, { project: paged.slug, limit: 2, after: last.newer ?? '' });
  expect(back.messages.map(({ id }) => id)).toEqual(ids.slice(2, 4));
});

test('a message is found by words, recipient, Message-ID, tag and metadata, and not by others', async () => {
  const id = await accepted(ctx, project.slug, {
    ...letter,
    to: 'Otto@Example.com',
    subject: 'Wartung des VPN, Sonnabend (CH-1077)',
    tags: ['vpn'],
    metadata: { ticket: '1077' },
    category: 'change',
  });
  const { messageId } = await getMessage(ctx, { ...at, id });
  const finds = [
    { search: 'wart vpn' },
    { search: '1077' },
    { search: 'Otto@exam' },
    { search: messageId },
    { search: messageId.slice(1, -1) },
    { search: id },
    { subject: 'sonnabend' },
    { recipient: 'Otto' },
    { messageId },
    { tag: 'vpn' },
    { metadata: { ticket: '1077' } },
    { category: 'change' },
    { category: 'change', state: ['queued' as const], isRepeated: false },
  ];
  for (const filter of finds) {
    const { messages } = await listMessages(ctx, { ...at, ...filter });
    expect(messages.map((message) => message.id)).toEqual([id]);
  }
  const misses = [
    { search: '%' },
    { recipient: 'tto' },
    { tag: 'vp' },
    { metadata: { ticket: '1' } },
    { state: ['sent' as const], tag: 'vpn' },
  ];
  for (const filter of misses) expect((await listMessages(ctx, { ...at, ...filter })).messages).toEqual([]);
});

test('counts stand by state', async () => {
  const counted = await makeProject(database, organization);
  await accepted(ctx, counted.slug, letter);
  await settle(database, await accepted(ctx, counted.slug, letter), 'sent', 'accepted');
  const counts = await countMessages(ctx, { project: counted.slug });
  expect(counts).toMatchObject({ all: 2, byState: { queued: 1, sent: 1, failed: 0 } });
});

test('a waiting message says why, and when it will be tried', async () => {
  const id = await accepted(ctx, project.slug, {
    ...letter,
    sendAt: '2090-01-01T00:00:00Z'.replace('2090', '2027'),
  });
  const message = await getMessage(ctx, { ...at, id });
  expect(message.waiting?.reason).toBe('not_set_up');
  expect(message.plannedTries[0]).toBe('2027-01-01T00:00:00.000Z');
  expect(message.may).toMatchObject({ cancel: true, tryNow: true, resend: false, release: false });
});

test('a cancel before the start wins, and is recorded', async () => {
  const id = await accepted(ctx, project.slug, letter);
  const message = await cancelMessage(ctx, { ...at, id });
  expect(message).toMatchObject({ state: 'cancelled', events: [{ kind: 'cancelled', actor: 'test' }] });
  expect(await sqlRows(database, 'select 1 from mailroom.queue_entries where message_id = $1', [id])).toEqual(
    [],
  );
  expect(await auditActions(id)).toEqual(['message.cancelled']);
});

test('a cancel after the start mark loses, whatever page asked for it', async () => {
  const id = await accepted(ctx, project.slug, letter);
  await asOwner(database, (tx) =>
    tx.query(
      'update mailroom.queue_entries set attempt_id = $2, attempt_started_at = mailroom.now() where message_id = $1',
      [id, newId()],
    ),
  );
  await expect(cancelMessage(ctx, { ...at, id })).rejects.toMatchObject({ code: 'wrong_state' });
  expect(await cancelMessages(ctx, { ...at, ids: [id] })).toEqual({ done: 0, skipped: 1 });
  expect((await getMessage(ctx, { ...at, id })).inFlight).not.toBeNull();
});

test('of twenty cancels at a time one wins', async () => {
  const id = await accepted(ctx, project.slug, letter);
  const results = await Promise.all(
    Array.from({ length: 20 }, () => cancelMessages(ctx, { ...at, ids: [id] })),
  );
  expect(results.reduce((sum, { done }) => sum + done, 0)).toBe(1);
  expect(await auditActions(id)).toEqual(['message.cancelled']);
});

test('trying now makes a later message due', async () => {
  const id = await accepted(ctx, project.slug, {
    ...letter,
    sendAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  expect(await tryMessagesNow(ctx, { ...at, ids: [id] })).toEqual({
    done: 1,
    skipped: 0,
    waits: { reason: 'not_set_up', until: null },
  });
  const rows = await sqlRows(
    database,
    'select due_at <= mailroom.now() as is_due from mailroom.queue_entries where message_id = $1',
    [id],
  );
  expect(rows).toEqual([{ is_due: true }]);
  expect(await auditActions(id)).toEqual(['message.tried_now']);
});

test('a captured message is released by a person, and queued once', async () => {
  const id = await accepted(ctx, project.slug, letter);
  await settle(database, id, 'captured', 'captured');
  expect(await releaseMessages(ctx, { ...at, ids: [id] })).toEqual({ done: 1, skipped: 0 });
  expect(await releaseMessages(ctx, { ...at, ids: [id] })).toEqual({ done: 0, skipped: 1 });
  const message = await getMessage(ctx, { ...at, id });
  expect(message.state).toBe('queued');
  expect(message.releasedAt).not.toBeNull();
  expect(message.recipients.map(({ state }) => state)).toEqual(['pending', 'pending']);
});

test('a finished message is sent again as a new one, to those who have not got it or to another (PRODUCT 4.10)', async () => {
  const id = await accepted(ctx, project.slug, { ...letter, html: '<p>Grüße</p>', tags: ['reset'] });
  await expect(resendMessage(ctx, { ...at, id })).rejects.toMatchObject({ code: 'wrong_state' });
  await settle(database, id, 'sent', 'accepted');
  await asOwner(database, (tx) =>
    tx.query("update mailroom.recipients set state = 'refused' where message_id = $1 and position = 1", [id]),
  );
  const again = await resendMessage(ctx, { ...at, id });
  const copy = await getMessage(ctx, { ...at, id: again.id });
  expect(copy).toMatchObject({
    resendOf: id,
    tags: ['reset'],
    recipients: [{ address: 'bob@example.com', kind: 'to' }],
  });
  expect(copy.messageId).not.toBe((await getMessage(ctx, { ...at, id })).messageId);
  const elsewhere = await resendMessage(ctx, { ...at, id, to: ['eve@example.com', 'eve@EXAMPLE.com'] });
  const content = await getMessageContent(ctx, { ...at, id: elsewhere.id });
  expect(content.html).toContain('Grüße');
  expect(content.headers.find(({ name }) => name === 'To')?.value).toContain('ada@example.com');
  const original = await getMessage(ctx, { ...at, id });
  expect(original.resends.map((resend) => resend.id).toSorted()).toEqual([again.id, elsewhere.id].toSorted());
  expect(await auditActions(id)).toEqual(['message.resent', 'message.resent']);
});

test('the download is the message byte for byte', async () => {
  const content = Buffer.alloc(2_500_000, 'bytes').toString('base64');
  const id = await accepted(ctx, project.slug, { ...letter, attachments: [{ filename: 'a.bin', content }] });
  const download = await downloadMessage(ctx, { ...at, id });
  const chunks: Uint8Array[] = [];
  for await (const chunk of download.bytes()) chunks.push(chunk);
  expect(chunks.length).toBeGreaterThan(3);
  const whole = Buffer.concat(chunks).toString('latin1');
  expect(whole.replaceAll('\r\n', '')).toContain(content);
  expect(whole.split('\r\n\r\n')[0]).toMatch(/^To: ada@example\.com, bob@example\.com/m);
  expect(await getMessageContent(ctx, { ...at, id })).toMatchObject({
    text: 'Hello\n',
    attachments: [{ fileName: 'a.bin', sizeBytes: 2_500_000 }],
  });
});

test('script in a mail stays text for a sandbox, and its images come along (PRODUCT 10.5)', async () => {
  const id = await accepted(ctx, project.slug, {
    ...letter,
    html: '<script>alert(1)</script><img src="cid:logo">',
    attachments: [
      { filename: 'logo.png', contentType: 'image/png', content: 'aGk=', contentId: 'logo' },
      { filename: 'x.svg', contentType: 'image/svg+xml', content: 'aGk=', contentId: 'svg' },
    ],
  });
  const { html } = await getMessageContent(ctx, { ...at, id });
  expect(html).toContain('src="data:image/png;base64,aGk="');
});

test('nothing of a message is reached from another project, tenant or role', async () => {
  const id = await accepted(ctx, project.slug, letter);
  await settle(database, id, 'sent', 'accepted');
  const reads = [getMessage, getMessageContent, downloadMessage, cancelMessage, resendMessage];
  for (const verb of reads) {
    await expect(verb(ctx, { project: other.slug, id })).rejects.toMatchObject({ code: 'not_found' });
    await expect(verb(strangerCtx, { project: project.id, id })).rejects.toMatchObject({ code: 'not_found' });
  }
  for (const verb of [cancelMessages, tryMessagesNow, releaseMessages]) {
    expect(await verb(ctx, { project: other.slug, ids: [id] })).toMatchObject({ done: 0, skipped: 1 });
    await expect(verb(strangerCtx, { project: project.id, ids: [id] })).rejects.toMatchObject({
      code: 'not_found',
    });
  }
  const viewer = await makeMember(database, organization, 'viewer');
  const viewerCtx = contextOf(services, organization, userActor(viewer, 'viewer'));
  expect((await getMessage(viewerCtx, { ...at, id })).may).toMatchObject({
    readContent: false,
    resend: false,
  });
  for (const verb of [getMessageContent, downloadMessage, cancelMessage, resendMessage]) {
    await expect(verb(viewerCtx, { ...at, id })).rejects.toMatchObject({ code: 'forbidden' });
  }
  const narrow = contextOf(services, organization, userActor(viewer, 'operator', [other.id]));
  await expect(getMessage(narrow, { ...at, id })).rejects.toMatchObject({ code: 'not_found' });
});
