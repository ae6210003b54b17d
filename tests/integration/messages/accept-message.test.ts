import { createHash } from 'node:crypto';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { finishHeaders } from '#lib/messages/finish-headers.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, makeProject, testServices } from '#tests/support/factories.ts';

const { database } = await createTestDatabase();
const organization = await makeOrganization(database);
const project = await makeProject(database, organization);
const ctx: Context = contextOf(testServices(database), organization);

const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };

async function accept(input: object, idempotencyKey?: string): Promise<{ id: string; isReplay: boolean }> {
  const answer = await acceptMessage(ctx, project.slug, input, {
    idempotency:
      idempotencyKey === undefined
        ? null
        : {
            key: idempotencyKey,
            fingerprint: createHash('sha256').update(JSON.stringify(input)).digest(),
          },
  });
  if (answer.kind !== 'accepted') throw new Error('not accepted');
  return { id: answer.message.id, isReplay: answer.isReplay };
}

function contextAt(time: string): Context {
  return { ...ctx, clock: { ...ctx.clock, now: () => new Date(time) } };
}

async function count(table: string): Promise<number> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ count: number }>(`select count(*) as count from mailroom.${table}`),
  );
  return rows[0]?.count ?? -1;
}

async function storedMime(id: string): Promise<string> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ headers: string | null; filled_headers: string[] | null; bytes: Buffer }>(
      'select headers, filled_headers, bytes from mailroom.contents where message_id = $1 order by part',
      [id],
    ),
  );
  const head = finishHeaders({
    headers: rows[0]?.headers ?? '',
    filledHeaders: rows[0]?.filled_headers ?? [],
    sender: { name: 'Support', address: 'support@example.com', replyTo: null },
  });
  return head + Buffer.concat(rows.map((row) => row.bytes)).toString('latin1');
}

test('an accepted message is stored whole, with its queue entry (PRODUCT 4.1)', async () => {
  const { id } = await accept({
    ...letter,
    cc: [{ address: 'bob@EXAMPLE.com', name: 'Böb' }],
    bcc: ['eve@example.com', 'bob@example.com'],
    html: '<p>Grüße</p>',
    tags: ['one'],
    metadata: { ticket: '7' },
    attachments: [{ filename: 'a b.pdf', contentType: 'application/pdf', content: 'aGVsbG8=' }],
  });
  const parsed = await PostalMime.parse(await storedMime(id));
  expect(parsed.from).toMatchObject({ name: 'Support', address: 'support@example.com' });
  expect(parsed.cc).toMatchObject([{ name: 'Böb', address: 'bob@example.com' }]);
  expect(parsed.bcc).toBeUndefined();
  expect(parsed.html).toContain('Grüße');
  expect(parsed.text?.trim()).toBe('Good morning');
  expect(parsed.attachments).toMatchObject([{ filename: 'a b.pdf', mimeType: 'application/pdf' }]);
  const { rows } = await asOwner(database, (tx) =>
    tx.query(
      `select m.state, m.recipient_count, m.category, (select count(*) from mailroom.queue_entries q where q.message_id = m.id) as queued,
         (select array_agg(r.address || ' ' || r.kind order by r.position) from mailroom.recipients r where r.message_id = m.id) as recipients
       from mailroom.messages m where m.id = $1`,
      [id],
    ),
  );
  expect(rows).toEqual([
    {
      state: 'queued',
      recipient_count: 3,
      category: 'general',
      queued: 1,
      recipients: ['ada@example.com to', 'bob@example.com cc', 'eve@example.com bcc'],
    },
  ]);
});

test('twenty calls with one idempotency key at a time make one message (PRODUCT 4.1)', async () => {
  const before = await count('messages');
  const answers = await Promise.all(Array.from({ length: 20 }, () => accept(letter, 'one-key')));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
  expect(await count('messages')).toBe(before + 1);
});

test('the same key with another body is a conflict, and stores nothing', async () => {
  await accept(letter, 'other-key');
  const before = await count('messages');
  await expect(accept({ ...letter, subject: 'Other' }, 'other-key')).rejects.toMatchObject({
    code: 'idempotency_conflict',
  });
  expect(await count('messages')).toBe(before);
});

test('a repeated key gets its first answer, though the message would be refused by now', async () => {
  const short = { ...letter, idempotencyKey: 'short-lived', expiresAt: '2026-01-01T12:00:01Z' };
  const { idempotencyKey: _, ...single } = short;
  const idempotency = { key: 'short-lived-single', fingerprint: Buffer.alloc(32, 7) };
  const call = async (time: string) => [
    await acceptMessage(contextAt(time), project.slug, single, { idempotency }),
    ...(await acceptBatch(contextAt(time), project.slug, [short])),
  ];
  const first = await call('2026-01-01T12:00:00Z');
  const again = await call('2026-01-01T12:00:02Z');
  expect(first).toMatchObject([{ isReplay: false }, { isReplay: false }]);
  expect(again).toEqual(first.map((answer) => ({ ...answer, isReplay: true })));
  await expect(acceptMessage(contextAt('2026-01-01T12:00:02Z'), project.slug, single)).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('a body of several parts is stored byte for byte', async () => {
  const content = Buffer.alloc(3_000_000, 'mailroom').toString('base64');
  const { id } = await accept({ ...letter, attachments: [{ filename: 'big.bin', content }] });
  const parsed = await PostalMime.parse(await storedMime(id), { attachmentEncoding: 'base64' });
  expect(parsed.attachments[0]?.content).toBe(content);
});
