import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { tidyLimitUsage } from '#lib/limits/tidy-limit-usage.ts';
import { readLimitHistory } from '#lib/limits/read-limit-history.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, testServices } from '#tests/support/factories.ts';
import { sqlRows } from '#tests/integration/messages/scene.ts';

const { database } = await createTestDatabase();

test('old minutes become quarters of an hour, then go; no day of the history changes', async () => {
  // Nepal is a quarter of an hour off the hour.
  const organization = await makeOrganization(database, { timeZone: 'Asia/Kathmandu' });
  const ctx = contextOf(testServices(database), organization);
  await asOwner(database, (tx) =>
    tx.query(
      `insert into mailroom.limit_usage (scope_id, minute, slot, organization_id, mails, held, largest)
       select s.id, date_trunc('minute', mailroom.now()) - n * interval '5 minutes', n % 3, $1, 1 + n % 5, n % 2, n % 7
       from mailroom.limit_scopes s, generate_series(0, 12 * 24 * 45) n
       where s.organization_id = $1 and s.protocol = 'smtp'`,
      [organization.id],
    ),
  );
  const count = async () => {
    const [row] = await sqlRows<{ all: number; old: number; folded: number }>(
      database,
      `select count(*)::int as all, count(*) filter (where minute < mailroom.now() - interval '40 days')::int as old,
         count(*) filter (where minute < mailroom.now() - interval '3 days'
           and minute >= mailroom.now() - interval '4 days')::int as folded
       from mailroom.limit_usage where organization_id = $1`,
      [organization.id],
    );
    return row;
  };
  const before = await readLimitHistory(ctx, { scope: 'smtp' });
  expect((await count())?.old).toBeGreaterThan(1_000);
  await tidyLimitUsage(database);
  const after = await count();
  expect(after?.old).toBe(0);
  expect(after?.folded).toBeLessThanOrEqual(97);
  expect(await readLimitHistory(ctx, { scope: 'smtp' })).toEqual(before);
  const hours = await sqlRows(
    database,
    `select from mailroom.limit_usage_hours h
     where h.organization_id = $1 and h.hour >= mailroom.now() - interval '39 days' group by h.hour
     having sum(h.mails) <> (select sum(u.mails) from mailroom.limit_usage u
       where u.organization_id = $1 and date_bin('1 hour', u.minute, 'epoch') = h.hour)`,
    [organization.id],
  );
  expect(hours).toEqual([]);
  await tidyLimitUsage(database);
  expect(await count()).toEqual(after);
});
