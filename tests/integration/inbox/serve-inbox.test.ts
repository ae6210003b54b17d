import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyInbox, listInbox, pruneInbox, readMailBytes } from '#lib/inbox/inbox-folder.ts';
import { htmlPolicy, readMail } from '#lib/inbox/read-mail.ts';
import { type InboxServer, serveInbox } from '#lib/inbox/serve-inbox.ts';

let folder: string;
let inbox: InboxServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailroom-inbox-'));
  inbox = await serveInbox({ folder, port: 0, maxMessageBytes: 200_000 });
});

afterAll(async () => {
  await inbox.close();
  await rm(folder, { recursive: true, force: true });
});

async function deliver(...mails: readonly SendMailOptions[]): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port: inbox.port, pool: true, maxConnections: 1 });
  try {
    for (const mail of mails) await transport.sendMail(mail);
  } finally {
    transport.close();
  }
}

const picture = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64');

test('keeps the envelope, the bytes and the headline of what arrives', async () => {
  await emptyInbox(folder);
  await deliver({
    envelope: { from: 'bounce@northwind.example', to: ['hidden@customer.example'] },
    from: 'Northwind Services <desk@northwind.example>',
    to: 'shown@customer.example',
    subject: 'Grüße vom Desk',
    text: 'hello',
  });
  const page = await listInbox(folder);
  expect(page).toMatchObject({ total: 1, nextCursor: undefined, previousCursor: undefined });
  expect(page.entries).toHaveLength(1);
  expect(page.entries[0]).toMatchObject({
    envelopeFrom: 'bounce@northwind.example',
    envelopeTo: ['hidden@customer.example'],
    subject: 'Grüße vom Desk',
    from: 'Northwind Services <desk@northwind.example>',
  });
  const id = page.entries[0]?.id ?? '';
  expect((await readMailBytes(folder, id))?.toString()).toContain('To: shown@customer.example');
  expect(await readMail(folder, id)).toMatchObject({ to: ['shown@customer.example'], html: null });
});

test('shows the pictures that the mail brings, and its policy fetches nothing and runs nothing', async () => {
  await emptyInbox(folder);
  await deliver({
    from: 'a@northwind.example',
    to: 'b@customer.example',
    subject: 'picture',
    html: '<p>Hi</p><img src="cid:logo@x"><img src="https://elsewhere.example/track.gif"><script>alert(1)</script>',
    attachments: [
      { filename: 'logo.gif', content: picture, cid: 'logo@x' },
      { filename: 'terms.txt', content: 'terms' },
    ],
  });
  const [entry] = (await listInbox(folder)).entries;
  const mail = await readMail(folder, entry?.id ?? '');
  expect(mail?.html).toContain('src="data:image/gif;base64,');
  expect(mail?.attachments.map((attachment) => attachment.name)).toEqual(['logo.gif', 'terms.txt']);
  expect(htmlPolicy).toContain("default-src 'none'");
  expect(htmlPolicy).not.toMatch(/script-src|allow-scripts|allow-same-origin|https?:/);
});

test('refuses what is too large and keeps nothing of it', async () => {
  await emptyInbox(folder);
  const large = { from: 'a@northwind.example', to: 'b@customer.example', text: 'x'.repeat(300_000) };
  await expect(deliver(large)).rejects.toMatchObject({ responseCode: 552 });
  expect((await listInbox(folder)).total).toBe(0);
});

test('pages go from new to old without a gap, and the oldest are pruned', async () => {
  await emptyInbox(folder);
  const numbers = Array.from({ length: 53 }, (_, index) => index + 1);
  await deliver(
    ...numbers.map((number) => ({
      from: 'a@northwind.example',
      to: 'b@customer.example',
      subject: `mail ${number}`,
    })),
  );
  const first = await listInbox(folder);
  expect(first.entries[0]?.subject).toBe('mail 53');
  const second = await listInbox(folder, { after: first.nextCursor });
  expect(second.entries.map((entry) => entry.subject)).toEqual(['mail 3', 'mail 2', 'mail 1']);
  expect(second.nextCursor).toBeUndefined();
  const back = await listInbox(folder, { before: second.previousCursor });
  expect(back.entries).toEqual(first.entries);
  await pruneInbox(folder, 2);
  expect((await listInbox(folder)).entries.map((entry) => entry.subject)).toEqual(['mail 53', 'mail 52']);
});

test('two recipients show what refusals look like', async () => {
  const mail = { from: 'a@northwind.example', text: 'x' };
  const refused = deliver({ ...mail, to: 'refused@customer.example' });
  await expect(refused).rejects.toMatchObject({ responseCode: 550 });
  const busy = deliver({ ...mail, to: 'busy@customer.example' });
  await expect(busy).rejects.toMatchObject({ responseCode: 450 });
});

test('an id that is a path reads nothing', async () => {
  expect(await readMail(folder, '../../package')).toBeNull();
});

test('a taken port is said so', async () => {
  await expect(serveInbox({ folder, port: inbox.port, maxMessageBytes: 1_000 })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
