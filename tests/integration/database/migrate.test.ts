import { expect, test } from 'vitest';
import { asOwner, withoutTenant } from '#db/client.ts';
import { migrateDatabase, NewerDatabaseError } from '#db/migrate.ts';
import { migrationState } from '#db/migration-state.ts';
import { createTestDatabase } from '#tests/support/database.ts';

const { database, connectionString } = await createTestDatabase();

test('a cloned database is current, and migrating it again changes nothing', async () => {
  expect(await migrationState(database.pool)).toBe('current');
  await migrateDatabase(connectionString);
  expect(await migrationState(database.pool)).toBe('current');
});

test('the app role without a tenant sees no organization', async () => {
  await asOwner(database, (tx) =>
    tx.query(
      `insert into mailroom.organizations (id, slug, name) values ('01990000-0000-7000-8000-000000000001', 'one', 'One')`,
    ),
  );
  const rows = await withoutTenant(database, (tx) => tx.query('select id from mailroom.organizations'));
  expect(rows.rowCount).toBe(0);
});

test('a database of a newer Mailroom is refused', async () => {
  await asOwner(database, (tx) =>
    tx.query(`insert into mailroom_migrations.applied (hash, created_at) values ('later', 99999999999999)`),
  );
  expect(await migrationState(database.pool)).toBe('ahead');
  await expect(migrateDatabase(connectionString)).rejects.toThrow(NewerDatabaseError);
});
