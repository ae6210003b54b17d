import { expect, test } from 'vitest';
import { asOwner, createDatabase } from '#db/client.ts';
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
    checks: { ...checks, worker: 'none answering' },
  });
  await own(
    `insert into mailroom.workers (id, host, pid, version) values (gen_random_uuid(), 'here', 1, '0.1.0')`,
  );
  expect(await readReadiness(services)).toEqual({ isReady: true, checks: { ...checks, worker: 'ok' } });
  await own(`update mailroom.workers set beat_at = mailroom.now() - interval '9 seconds'`);
  expect((await readReadiness(services)).checks.worker).toBe('none answering');
  await own('update mailroom.workers set beat_at = mailroom.now(), stopped_at = mailroom.now()');
  expect((await readReadiness(services)).checks.worker).toBe('none answering');
});

test('a database at other migrations is not ready, whatever its workers do', async () => {
  await asOwner(other.database, (tx) =>
    tx.query(`insert into mailroom_migrations.applied (hash, created_at) values ('later', 9999999999999)`),
  );
  const { isReady, checks } = await readReadiness(testServices(other.database));
  expect({ isReady, checks }).toEqual({
    isReady: false,
    checks: { database: 'ok', migrations: 'ahead', worker: 'unknown' },
  });
});

test('a database that does not answer is named, not thrown', async () => {
  const away = createDatabase({ connectionString: `postgres://nobody@127.0.0.1:${await freePort()}/none` });
  try {
    expect(await readReadiness(testServices(away))).toEqual({
      isReady: false,
      checks: { database: 'unreachable', migrations: 'unknown', worker: 'unknown' },
    });
  } finally {
    await away.close();
  }
});
