import { beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { listMessages } from '#lib/messages/list-messages.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  type TestOrganization,
  type TestProject,
  testServices,
} from '#tests/support/factories.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
// More than a search gathers, so that the common one walks the list.
const mails = 20_500;
let organization: TestOrganization;
let project: TestProject;

beforeAll(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  await fill(organization, project);
  const stranger = await makeOrganization(database);
  await fill(stranger, await makeProject(database, stranger));
});

async function fill(owner: TestOrganization, of: TestProject): Promise<void> {
  await asOwner(database, async (tx) => {
    await tx.query(
      `with made as (
         insert into mailroom.messages (id, organization_id, project_id, source, category, priority, state, state_at,
           accepted_at, subject, internet_message_id, first_recipient, recipient_count, size_bytes)
         select gen_random_uuid(), $1, $2, 'api', 'c', 1, 'sent', mailroom.now(), mailroom.now(),
           'Invoice ' || n || case when n = 7 then ' overdue' else '' end, '<' || n || '@test>',
           'user' || n || '@example.test', 1, 1
         from generate_series(1, ${mails}) n
         returning id, subject, internet_message_id, first_recipient
       ), searched as (
         insert into mailroom.message_search (message_id, organization_id, project_id, internet_message_id, subject, tags, metadata)
         select id, $1, $2, internet_message_id, to_tsvector('simple', subject), '{}', '{}' from made
       )
       insert into mailroom.recipients (message_id, position, organization_id, project_id, address, kind, state)
       select id, 0, $1, $2, first_recipient, 'to', 'accepted' from made`,
      [owner.id, of.id],
    );
  });
}

async function found(filters: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const page = await listMessages(contextOf(services, organization), {
    project: project.slug,
    limit: 100,
    ...filters,
  });
  expect(new Set(page.messages.map(({ id }) => id)).size).toBe(page.messages.length);
  return page.messages.map(({ subject }) => subject);
}

test('a word of nearly all mails fills a page, newest first, and goes on behind it', async () => {
  const ctx = contextOf(services, organization);
  const first = await listMessages(ctx, { project: project.slug, search: 'invoice', limit: 100 });
  expect(first.messages).toHaveLength(100);
  const ids = first.messages.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted().toReversed());
  const before = first.older ?? '';
  const second = await listMessages(ctx, { project: project.slug, search: 'invoice', limit: 100, before });
  expect(second.messages[0]?.id.localeCompare(before)).toBe(-1);
});

test.each([
  [{ search: 'overdue' }, ['Invoice 7 overdue']],
  [{ subject: 'invoice overdue' }, ['Invoice 7 overdue']],
  [{ search: 'user7@example.test' }, ['Invoice 7 overdue']],
  [{ recipient: 'user20500@' }, ['Invoice 20500']],
  [{ recipient: 'User20500@' }, ['Invoice 20500']],
  [{ search: '<123@test>' }, ['Invoice 123']],
  [{ messageId: '123@test' }, ['Invoice 123']],
  [{ search: 'nowhere' }, []],
  [{ subject: 'invoice', recipient: 'user42@' }, ['Invoice 42']],
] as const)('%j finds exactly %j, of this tenant alone', async (filters, subjects) => {
  expect(await found(filters)).toEqual(subjects);
});
