import { beforeAll, expect, test } from 'vitest';
import { countHeld } from '#lib/backlog/count-held.ts';
import { listHeld, type listHeldInput } from '#lib/backlog/list-held.ts';
import type { Context, Services } from '#lib/context.ts';
import type { z } from 'zod';
import { makeScene, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, makeMember, testServices, userActor } from '#tests/support/factories.ts';
import { holdMails } from './backlog-scene.ts';

let db: TestDatabase;
let services: Services;
let scene: Scene;
let other: Scene;
let ctx: Context;
let ids: readonly string[];

// Forty mails that differ in everything that a list sorts and filters by.
beforeAll(async () => {
  db = await createTestDatabase();
  services = testServices(db.database);
  scene = await makeScene(db.database, { port: 9 });
  other = await makeScene(db.database, { port: 9 }, scene.organization);
  ctx = contextOf(services, scene.organization);
  ids = await holdMails(db.database, scene, 40);
  await holdMails(db.database, other, 5, { reason: 'flood' });
  await db.database.pool.query(
    `with w as (select id, place from unnest($1::uuid[]) with ordinality as w(id, place)), h as (
       update mailroom.held_messages h set held_at = h.held_at - (40 - w.place) * interval '1 minute',
         size_bytes = 1000 + (w.place * 7) % 20, recipient_count = 1 + w.place % 4, category = 'c' || w.place % 2,
         priority = (w.place % 3)::smallint, reason = case when w.place % 8 = 0 then 'by_hand' else 'day_limit' end,
         expires_at = case when w.place % 5 > 0 then mailroom.now() + w.place % 7 * interval '1 hour' end
       from w where h.message_id = w.id
     ), m as (
       update mailroom.messages m set subject = 'Ticket SD-' || 48200 + w.place,
         first_recipient = 'reader' || w.place || '@example.test'
       from w where m.id = w.id
     ), r as (
       update mailroom.recipients r set address = 'reader' || w.place || '@example.test' from w where r.message_id = w.id
     )
     insert into mailroom.message_search (message_id, organization_id, project_id, internet_message_id, subject, tags, metadata)
     select w.id, $2, $3, '<' || w.id || '@test>', to_tsvector('simple', 'Ticket SD ' || 48200 + w.place), '{}', '{}' from w`,
    [ids, scene.organization.id, scene.project.id],
  );
});

type Query = Partial<z.input<typeof listHeldInput>>;

async function listAll(query: Query): Promise<readonly string[]> {
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = await listHeld(ctx, {
      project: scene.project.slug,
      limit: 7,
      ...query,
      ...(after === undefined ? {} : { after }),
    });
    found.push(...page.items.map(({ id }) => id));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return found;
}

test.each(['held', 'size', 'recipients', 'expires'] as const)(
  'sorted by %s, pages join both ways',
  async (sort) => {
    for (const descending of [false, true]) {
      const all = await listAll({ sort, descending, limit: 200 });
      expect(new Set(all)).toEqual(new Set(ids));
      expect(await listAll({ sort, descending })).toEqual(all);
      expect(await listAll({ sort, descending: !descending })).toEqual(all.toReversed());
      const first = await listHeld(ctx, { project: scene.project.slug, sort, descending, limit: 7 });
      expect(first.previous).toBeNull();
      const second = await listHeld(ctx, {
        project: scene.project.slug,
        sort,
        descending,
        limit: 7,
        after: first.next ?? '',
      });
      const back = await listHeld(ctx, {
        project: scene.project.slug,
        sort,
        descending,
        limit: 7,
        before: second.previous ?? '',
      });
      expect(back.items.map(({ id }) => id)).toEqual(first.items.map(({ id }) => id));
      expect(back).toMatchObject({ previous: null });
    }
  },
);

const place = (at: number): string => ids[at - 1] ?? '';

test.each<[string, NonNullable<Query['filters']>, (at: number) => boolean]>([
  ['reason', { reason: ['by_hand'] }, (at) => at % 8 === 0],
  ['category', { category: 'c1' }, (at) => at % 2 === 1],
  ['priority', { priority: ['high', 'low'] }, (at) => at % 3 !== 1],
  ['recipients', { minRecipients: 4 }, (at) => at % 4 === 3],
  ['a word of the subject', { search: '48207' }, (at) => at === 7],
  ['how a word begins', { search: 'SD-4820' }, (at) => at <= 9],
  ['a word of all', { search: 'ticket' }, () => true],
  ['how a recipient begins', { search: 'reader3' }, (at) => at === 3 || (at >= 30 && at < 40)],
  ['a recipient, whatever its case', { search: 'Reader12@EXAMPLE.test' }, (at) => at === 12],
  ['two reasons that are rare', { reason: ['by_hand', 'flood'] }, (at) => at % 8 === 0],
  ['words and a reason', { search: 'ticket', reason: ['by_hand'] }, (at) => at % 8 === 0],
  ['nothing', { search: 'nobody' }, () => false],
])('filtered by %s', async (_name, filters, matches) => {
  const expected = ids.filter((_, index) => matches(index + 1));
  expect(await listAll({ filters })).toEqual(expected);
  expect(await countHeld(ctx, { project: scene.project.slug, filters })).toEqual({
    mails: expected.length,
    isCapped: false,
    recipients: null,
  });
  const exact = await countHeld(ctx, { project: scene.project.slug, filters, exact: true });
  expect(exact).toMatchObject({ mails: expected.length, isCapped: false });
});

test('found by its id and by its Message-ID, with brackets and without', async () => {
  for (const search of [place(5), `<${place(5)}@test>`, `${place(5)}@test`]) {
    expect(await listAll({ filters: { search } })).toEqual([place(5)]);
  }
});

test('since and until bound when it was held', async () => {
  const { items } = await listHeld(ctx, { project: scene.project.slug, limit: 200 });
  const heldSince = items[10]?.heldAt ?? '';
  const heldUntil = items[20]?.heldAt ?? '';
  expect(await listAll({ filters: { heldSince, heldUntil } })).toEqual(
    items.slice(10, 20).map(({ id }) => id),
  );
});

test('the page of an organization joins its projects; a member of some sees those', async () => {
  const all = await listHeld(ctx, { project: null, limit: 200 });
  expect(all.items).toHaveLength(45);
  expect(new Set(all.items.map(({ project }) => project.slug)).size).toBe(2);
  expect((await countHeld(ctx, { project: null })).mails).toBe(45);
  const member = await makeMember(db.database, scene.organization, 'viewer', {
    projectIds: [other.project.id],
  });
  const narrow = { ...ctx, actor: userActor(member, 'viewer', [other.project.id]) };
  expect((await listHeld(narrow, { project: null })).items).toHaveLength(5);
  expect((await countHeld(narrow, { project: null, filters: { search: 'ticket' } })).mails).toBe(0);
});

test('a place of another sort or of nothing is refused by name', async () => {
  const { next } = await listHeld(ctx, { project: scene.project.slug, limit: 7 });
  for (const after of [next ?? '', 'nonsense', 'W10']) {
    await expect(listHeld(ctx, { project: scene.project.slug, sort: 'size', after })).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ field: 'after' }],
    });
  }
});
