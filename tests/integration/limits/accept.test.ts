import { beforeEach, describe, expect, test } from 'vitest';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import type { AcceptedMessage } from '#lib/messages/store-mails.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { resendMessage } from '#lib/messages/resend-message.ts';
import type { Context } from '#lib/context.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import { saveLimitPolicy } from '#lib/limits/save-limit-policy.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, testServices } from '#tests/support/factories.ts';
import { settle, sqlRows } from '#tests/integration/messages/scene.ts';
import {
  makeScene,
  type Scene,
  settingsDocument,
  writeSettings,
} from '#tests/integration/queue/queue-scene.ts';
import { setLimit, useUp } from './limit-scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };
const inTwoDays = new Date(Date.now() + 172_800_000).toISOString();

let scene: Scene;
let ctx: Context;
let smtp: { organization: Scene['organization']; protocol: 'smtp' };

beforeEach(async () => {
  scene = await makeScene(database, { port: 25 }, await makeOrganization(database));
  ctx = contextOf(services, scene.organization);
  smtp = { organization: scene.organization, protocol: 'smtp' };
});

async function accept(input: object, idempotencyKey?: string): Promise<AcceptedMessage> {
  const idempotency =
    idempotencyKey === undefined ? null : { key: idempotencyKey, fingerprint: Buffer.from(idempotencyKey) };
  const answer = await acceptMessage(ctx, scene.project.slug, input, { idempotency });
  if (answer.kind !== 'accepted') throw new Error('not accepted');
  return answer.message;
}

async function dryRunOf(input: object) {
  const answer = await acceptMessage(ctx, scene.project.slug, { ...input, dryRun: true });
  if (answer.kind !== 'dry_run') throw new Error('no dry run');
  return answer.dryRun;
}

const people = (count: number): string[] => Array.from({ length: count }, (_, n) => `p${n}@example.com`);

function tableRows(table: 'queue_entries' | 'held_messages' | 'messages') {
  return sqlRows<{ id: string }>(
    database,
    `select ${table === 'messages' ? 'id' : 'message_id as id'} from mailroom.${table} where project_id = $1`,
    [scene.project.id],
  );
}

describe("a mail that finds the day's limit spent", () => {
  beforeEach(async () => {
    await setLimit(database, smtp, { mailsPerDay: 10 });
    await useUp(database, smtp, { mails: 10 });
  });

  test('is backlog at once with that reason (PRODUCT 5.4), and its page says so', async () => {
    const message = await accept(letter);
    expect(message).toMatchObject({ state: 'backlog', held: 'day_limit', waiting: null, envelopes: 1 });
    expect(await getMessage(ctx, { project: scene.project.slug, id: message.id })).toMatchObject({
      state: 'backlog',
      stateReason: 'day_limit',
      held: { reason: 'day_limit', label: 'Daily limit', releasedBy: 'auto' },
    });
    expect(await tableRows('queue_entries')).toEqual([]);
    expect(await tableRows('held_messages')).toEqual([{ id: message.id }]);
    expect(
      await sqlRows(
        database,
        `select sum(u.held)::int as held, max(u.largest) as largest from mailroom.limit_usage u
         join mailroom.limit_scopes s on s.id = u.scope_id where s.organization_id = $1 and s.protocol = 'smtp'`,
        [scene.organization.id],
      ),
    ).toEqual([{ held: 1, largest: 1 }]);
  });

  test('gets the same answer again for its idempotency key', async () => {
    const first = await accept(letter, 'once');
    await setLimit(database, smtp, {});
    expect(await accept(letter, 'once')).toEqual(first);
    expect(await tableRows('messages')).toHaveLength(1);
  });

  test('stays queued when it is to be sent later', async () => {
    expect(await accept({ ...letter, sendAt: inTwoDays })).toMatchObject({
      state: 'queued',
      held: null,
      waiting: 'send_at',
    });
  });

  test('is queued when nothing of it leaves (PRODUCT 2.16)', async () => {
    expect(await accept({ ...letter, to: 'delivered@magic.mailroom.test' })).toMatchObject({
      state: 'queued',
    });
    await writeSettings(
      database,
      scene,
      settingsDocument({ port: 25, sending: { mode: { kind: 'capture' } } }),
    );
    expect(await accept(letter)).toMatchObject({ state: 'queued', held: null });
    const lists = { kind: 'allow_list' as const, entries: ['example.com'] };
    await writeSettings(database, scene, settingsDocument({ port: 25, sending: { mode: lists } }));
    expect(await accept(letter)).toMatchObject({ state: 'backlog' });
    expect(await accept({ ...letter, to: 'ada@example.net' })).toMatchObject({ state: 'queued' });
  });

  test('is told by a dry run, with the limits that it meets', async () => {
    expect(await dryRunOf(letter)).toMatchObject({
      held: { reason: 'day_limit' },
      waiting: null,
      limits: [
        { over: 'protocol', protocol: 'smtp', mailsPerDay: 10, used: 10 },
        { over: 'project', protocol: null, mailsPerDay: null, used: 0 },
      ],
    });
    expect(await dryRunOf({ ...letter, sendAt: inTwoDays })).toMatchObject({ held: null });
  });
});

test('what is set aside for high priority is not for other mail (PRODUCT 5.3)', async () => {
  await setLimit(database, smtp, { mailsPerDay: 10, highReserve: 3 });
  await useUp(database, smtp, { mails: 7 });
  expect(await accept(letter)).toMatchObject({ held: 'day_limit' });
  expect(await accept({ ...letter, priority: 'high' })).toMatchObject({ state: 'queued' });
  await useUp(database, smtp, { mails: 3, high: 3 });
  expect(await accept({ ...letter, priority: 'high' })).toMatchObject({ held: 'day_limit' });
});

test('a mail that is held as it comes in has that in its history (PRODUCT 4.3)', async () => {
  await setLimit(database, smtp, { mailsPerDay: 1 });
  await useUp(database, smtp, { mails: 1 });
  const { id } = await accept(letter);
  expect(await getMessage(ctx, { project: scene.project.slug, id })).toMatchObject({
    state: 'backlog',
    events: [{ kind: 'held', actor: 'Mailroom', detail: { reason: 'day_limit' } }],
  });
});

test("a project's own limit holds its mail alone", async () => {
  const other = await makeScene(database, { port: 25 }, scene.organization);
  await setLimit(database, { organization: scene.organization, project: scene.project }, { mailsPerDay: 1 });
  await useUp(database, { organization: scene.organization, project: scene.project }, { mails: 1 });
  expect(await accept(letter)).toMatchObject({ held: 'day_limit' });
  const answer = await acceptMessage(ctx, other.project.slug, letter);
  expect(answer).toMatchObject({ message: { state: 'queued' } });
});

function policy(recipientsPolicy: 'hold' | 'split' | 'refuse'): Promise<unknown> {
  return saveLimitPolicy(ctx, { recipientsPolicy });
}

describe('a mail with more recipients than the limit', () => {
  beforeEach(() => setLimit(database, smtp, { recipientsPerMail: 3 }));

  test('is held where the organization holds, later send-at or not', async () => {
    expect(await accept({ ...letter, to: people(3) })).toMatchObject({ state: 'queued' });
    expect(await accept({ ...letter, to: people(4), sendAt: inTwoDays })).toMatchObject({
      held: 'recipients_limit',
    });
    expect(await dryRunOf({ ...letter, to: people(4) })).toMatchObject({
      held: { reason: 'recipients_limit' },
    });
  });

  test('counts distinct addresses of To, Cc and Bcc', async () => {
    const mail = { ...letter, to: people(2), cc: people(3), bcc: ['P0@EXAMPLE.com'.toLowerCase()] };
    expect(await accept(mail)).toMatchObject({ state: 'queued', recipients: 3 });
    expect(await accept({ ...mail, bcc: 'x@example.com' })).toMatchObject({ held: 'recipients_limit' });
  });

  test('is split into envelopes that differ by one at most, each a mail of its own', async () => {
    await policy('split');
    const to = people(7);
    const head = await accept({ ...letter, to }, 'split');
    expect(head).toMatchObject({ state: 'queued', recipients: 7, envelopes: 3 });
    const rows = await sqlRows<{ id: string; split_of: string | null; count: number; addresses: string[] }>(
      database,
      `select m.id, m.split_of, m.recipient_count as count, m.internet_message_id,
         array(select r.address from mailroom.recipients r where r.message_id = m.id order by r.position) as addresses,
         (select count(*)::int from mailroom.contents c where c.message_id = m.id) as parts
       from mailroom.messages m where m.project_id = $1 order by m.id`,
      [scene.project.id],
    );
    expect(rows.map(({ count }) => count)).toEqual([3, 2, 2]);
    expect(rows.flatMap(({ addresses }) => addresses)).toEqual(to);
    expect(rows[0]).toMatchObject({ id: head.id, split_of: null });
    for (const row of rows) expect(row).toMatchObject({ internet_message_id: head.messageId, parts: 1 });
    expect(rows.slice(1).map(({ split_of }) => split_of)).toEqual([head.id, head.id]);
    expect(await tableRows('queue_entries')).toHaveLength(3);
    expect(await getMessage(ctx, { project: scene.project.slug, id: head.id })).toMatchObject({
      splitOf: null,
      splits: [{ recipientCount: 2 }, { recipientCount: 2 }],
    });
    expect(await accept({ ...letter, to }, 'split')).toEqual(head);
    expect(await tableRows('messages')).toHaveLength(3);
    expect((await dryRunOf({ ...letter, to })).envelopes.map(({ length }) => length)).toEqual([3, 2, 2]);
  });

  test('carries content of several parts into each envelope', async () => {
    await policy('split');
    const content = Buffer.alloc(1_500_000, 7).toString('base64');
    const head = await accept({ ...letter, to: people(6), attachments: [{ filename: 'a.bin', content }] });
    const sizes = await sqlRows<{ bytes: number }>(
      database,
      `select sum(length(c.bytes))::int as bytes from mailroom.contents c join mailroom.messages m on m.id = c.message_id
       where m.id = $1 or m.split_of = $1 group by m.id`,
      [head.id],
    );
    expect(sizes).toHaveLength(2);
    expect(new Set(sizes.map(({ bytes }) => bytes)).size).toBe(1);
    expect(sizes[0]?.bytes).toBeGreaterThan(2_000_000);
  });

  test('waits in the backlog envelope by envelope where the day is spent', async () => {
    await policy('split');
    await setLimit(database, smtp, { recipientsPerMail: 3, mailsPerDay: 1 });
    await useUp(database, smtp, { mails: 1 });
    expect(await accept({ ...letter, to: people(7) })).toMatchObject({ held: 'day_limit', envelopes: 3 });
    expect(await tableRows('held_messages')).toHaveLength(3);
  });

  test('is refused at the door where the organization refuses, alone of its batch', async () => {
    await policy('refuse');
    const large = { ...letter, to: people(4) };
    await expect(accept(large)).rejects.toMatchObject({ code: 'too_many_recipients', data: { limit: 3 } });
    await expect(dryRunOf(large)).rejects.toMatchObject({ code: 'too_many_recipients' });
    const results = await acceptBatch(ctx, scene.project.slug, [letter, large, letter]);
    expect(results.map(({ kind }) => kind)).toEqual(['accepted', 'refused', 'accepted']);
    expect(await tableRows('messages')).toHaveLength(2);
  });

  test('meets the choice of this moment, not one that was kept for some seconds', async () => {
    const large = { ...letter, to: people(4) };
    expect(await accept(large)).toMatchObject({ held: 'recipients_limit' });
    await policy('refuse');
    await expect(accept(large)).rejects.toMatchObject({ code: 'too_many_recipients' });
    await policy('split');
    expect(await accept(large)).toMatchObject({ state: 'queued', envelopes: 2 });
    const lower = { mailsPerDay: null, recipientsPerMail: 3, highReserve: 0 };
    await saveLimit(ctx, { scope: 'smtp', recipientsPerMail: 2, expected: lower });
    expect(await accept({ ...letter, to: people(3) })).toMatchObject({ envelopes: 2 });
    await policy('refuse');
    await expect(accept(large)).rejects.toMatchObject({ code: 'too_many_recipients' });
    const two = { ...lower, recipientsPerMail: 2 };
    await saveLimit(ctx, { scope: 'smtp', recipientsPerMail: 5, expected: two });
    expect(await accept(large)).toMatchObject({ state: 'queued', envelopes: 1 });
  });

  test('is captured whole, for nothing of it leaves', async () => {
    await policy('refuse');
    await writeSettings(
      database,
      scene,
      settingsDocument({ port: 25, sending: { mode: { kind: 'capture' } } }),
    );
    expect(await accept({ ...letter, to: people(9) })).toMatchObject({ state: 'queued', envelopes: 1 });
  });

  test('meets the limit when it is sent again', async () => {
    const sent = await accept({ ...letter, to: people(3) });
    await settle(database, sent.id, 'failed', 'refused');
    await setLimit(database, smtp, { recipientsPerMail: 2 });
    const again = () => resendMessage(ctx, { project: scene.project.slug, id: sent.id });
    expect(await again()).toMatchObject({ held: 'recipients_limit' });
    await policy('split');
    expect(await again()).toMatchObject({ state: 'queued', envelopes: 2 });
    await policy('refuse');
    await expect(again()).rejects.toMatchObject({ code: 'too_many_recipients' });
  });
});
