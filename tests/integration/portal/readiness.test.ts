import { expect, test } from 'vitest';
import { asOwner, createDatabase } from '#db/client.ts';
import { schemaNumber } from '#db/migration-state.ts';
import { readReadiness } from '#lib/read-readiness.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { freePort } from '#tests/support/free-port.ts';

const { database } = await createTestDatabase();
const other = await createTestDatabase();
const services = testServices(database);

function own(statement: string) {
  return asOwner(database, (tx) => tx.query(statement));
}

test('it is ready while a worker beats, and not when the last one is silent or has stopped', async () => {
  const checks = { database: 'ok', migrations: 'ok' };
  expect(await readReadiness(services)).toEqual({
    isReady: false,
    reason: 'No worker is running: mail is accepted and waits.',
    checks: { ...checks, worker: 'none answering' },
  });
  await own(
    `insert into mailroom.workers (id, host, pid, version) values (gen_random_uuid(), 'here', 1, '0.1.0')`,
  );
  expect(await readReadiness(services)).toEqual({
    isReady: true,
    reason: null,
    checks: { ...checks, worker: 'ok' },
  });
  await own(`update mailroom.workers set beat_at = mailroom.now() - interval '9 seconds'`);
  expect((await readReadiness(services)).checks.worker).toBe('none answering');
  await own('update mailroom.workers set beat_at = mailroom.now(), stopped_at = mailroom.now()');
  expect((await readReadiness(services)).checks.worker).toBe('none answering');
});

test('a newer schema is none that stops an older release, unless the newer one says so', async () => {
  const later = testServices(other.database);
  await asOwner(other.database, async (tx) => {
    await tx.query(
      `insert into mailroom_migrations.applied (hash, created_at) values ('later', 9999999999999)`,
    );
    await tx.query(
      `insert into mailroom.workers (id, host, pid, version) values (gen_random_uuid(), 'here', 1, '0.1.0')`,
    );
  });
  expect(await readReadiness(later)).toEqual({
    isReady: true,
    reason: null,
    checks: { database: 'ok', migrations: 'ahead', worker: 'ok' },
  });
  await asOwner(other.database, (tx) =>
    tx.query(
      `insert into mailroom.installation (system_identifier, timeline, restore_marker, oldest_schema)
       values ('1', 1, gen_random_uuid(), $1)`,
      [schemaNumber + 1],
    ),
  );
  expect(await readReadiness(later)).toMatchObject({
    isReady: false,
    reason: 'The database was migrated by a newer Mailroom that rules this one out.',
    checks: { migrations: 'outdated' },
  });
});

test('a database that takes no changes is not ready, and says so', async () => {
  const standby = await createTestDatabase();
  await asOwner(database, (tx) =>
    tx.query(
      `alter database ${new URL(standby.connectionString).pathname.slice(1)} set default_transaction_read_only = on`,
    ),
  );
  const later = createDatabase({ connectionString: standby.connectionString });
  try {
    expect(await readReadiness(testServices(later))).toMatchObject({
      isReady: false,
      reason: 'The database takes no changes at the moment: it is read-only.',
      checks: { database: 'read only' },
    });
  } finally {
    await later.close();
  }
});

test('a database that does not answer is named, not thrown', async () => {
  const away = createDatabase({ connectionString: `postgres://nobody@127.0.0.1:${await freePort()}/none` });
  try {
    expect(await readReadiness(testServices(away))).toEqual({
      isReady: false,
      reason: 'The database does not answer.',
      checks: { database: 'unreachable', migrations: 'unknown', worker: 'unknown' },
    });
  } finally {
    await away.close();
  }
});
