import { crc32 } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { exportHeld } from '#lib/backlog/export-held.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import type { Context, Services } from '#lib/context.ts';
import { makeScene, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, makeMember, testServices, userActor } from '#tests/support/factories.ts';
import { holdMails, ownerRows } from './backlog-scene.ts';

let db: TestDatabase;
let services: Services;
let scene: Scene;
let ctx: Context;
let project: string;
let ids: readonly string[];

beforeAll(async () => {
  db = await createTestDatabase();
  services = testServices(db.database);
  scene = await makeScene(db.database, { port: 9 });
  ctx = contextOf(services, scene.organization);
  project = scene.project.slug;
  ids = await holdMails(db.database, scene, 450, { recipients: ['a@example.test', 'b@example.test'] });
  await db.database.pool.query(
    `update mailroom.messages set subject = '=HYPERLINK("http://evil.test";"Click")' where id = $1`,
    [ids[0]],
  );
  await db.database.pool.query(
    `update mailroom.contents set bytes = convert_to(E'From here on\\r\\n>From there\\r\\nfrom small\\r\\nlast', 'UTF8')
     where message_id = $1`,
    [ids[1]],
  );
});

async function read(bytes: AsyncGenerator<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}

/** Files of an archive by its central directory (APPNOTE 4.3.12), each checked by its sum. */
function readZip(bytes: Buffer): ReadonlyMap<string, string> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  const count = bytes.readUInt16LE(end + 10);
  const files = new Map<string, string>();
  let at = bytes.readUInt32LE(end + 16);
  for (let file = 0; file < count; file += 1) {
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, nameEnd);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + bytes.readUInt32LE(at + 24));
    expect(crc32(content)).toBe(bytes.readUInt32LE(at + 16));
    files.set(name, content.toString());
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return files;
}

test('as a table: one row a mail with all recipients, and no cell that a spreadsheet would run', async () => {
  const file = await exportHeld(ctx, { project, format: 'csv' });
  expect(file).toMatchObject({ mails: 450, mediaType: 'text/csv; charset=utf-8' });
  const rows = (await read(file.bytes())).toString().trimEnd().split('\r\n');
  expect(rows).toHaveLength(451);
  expect(rows[0]).toMatch(/^\u{FEFF}"Id","Project"/u);
  expect(rows[1]).toContain(`"'=HYPERLINK(""http://evil.test"";""Click"")"`);
  expect(rows[1]).toContain('"a@example.test, b@example.test"');
  expect(new Set(rows.slice(1).map((row) => row.slice(1, 37)))).toEqual(new Set(ids));
});

test('as a mailbox: lines that look like a separator are quoted so that they can be taken back', async () => {
  const selection = { ids: ids.slice(0, 3) };
  const text = (
    await read((await exportHeld(ctx, { project, format: 'mbox', selection })).bytes())
  ).toString();
  expect(text).not.toContain('\r');
  const mails = text.split(/^From (?=\S+ \w{3} \w{3} \d\d \d\d:\d\d:\d\d \d{4}$)/m).slice(1);
  expect(mails).toHaveLength(3);
  expect(mails[1]).toMatch(/\n\n>From here on\n>>From there\nfrom small\nlast\n\n$/);
  expect(mails[2]).toContain(`Message-ID: <${ids[2]}@test>`);
});

test('as an archive: each mail as it goes on the wire', async () => {
  const file = await exportHeld(ctx, { project, format: 'eml', selection: { ids: ids.slice(0, 20) } });
  expect(file.mediaType).toBe('application/zip');
  const bytes = await read(file.bytes());
  const files = readZip(bytes);
  expect([...files.keys()]).toEqual(ids.slice(0, 20).map((id) => `${project}/${id}.eml`));
  expect(files.get(`${project}/${ids[1]}.eml`)).toMatch(
    /^From: [\s\S]*\r\n\r\nFrom here on\r\n>From there\r\n/,
  );
});

test('suspended mails alone, with a filter; each export is in the history', async () => {
  await startBulkRun(ctx, { project, kind: 'suspend', selection: { ids: ids.slice(0, 4) } });
  const file = await exportHeld(ctx, {
    project,
    state: 'suspended',
    format: 'csv',
    selection: { filter: { reason: ['day_limit'] }, except: [ids[0] ?? ''] },
  });
  expect((await read(file.bytes())).toString().trimEnd().split('\r\n')).toHaveLength(4);
  const entries = await ownerRows(
    db.database,
    `select detail from mailroom.audit_entries where action = 'backlog.exported' order by id desc limit 1`,
  );
  expect(entries).toMatchObject([
    { detail: { mails: 3, state: 'suspended', format: 'csv', filter: { reason: ['day_limit'] } } },
  ]);
});

test('what holds content is for those who may read it', async () => {
  const member = await makeMember(db.database, scene.organization, 'viewer');
  const viewer = { ...ctx, actor: userActor(member, 'viewer') };
  for (const format of ['mbox', 'eml'] as const) {
    await expect(exportHeld(viewer, { project, format })).rejects.toMatchObject({ code: 'forbidden' });
  }
  await expect(exportHeld(viewer, { project, format: 'csv' })).resolves.toMatchObject({ mails: 446 });
});
