import { expect, test } from 'vitest';
import { schemaNumber } from '#db/migration-state.ts';
import { markStopped, registerWorker } from '#lib/queue/fleet.ts';
import { runMailroom } from '#tests/integration/command-line/run-mailroom.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { makeOrganization, testKeys } from '#tests/support/factories.ts';

const { database, connectionString } = await createTestDatabase();
const env = { DATABASE_URL: connectionString, MAILROOM_KEYS: testKeys };

test('workers: the fleet, for people and for programs', async () => {
  await makeOrganization(database);
  expect(await runMailroom(env, ['workers'])).toMatchObject({
    code: 0,
    stdout: 'No worker has run within a day.\n',
  });
  const facts = { version: '1.2.3', jobWorkerIds: [] };
  const old = { ...facts, host: 'mail-1', pid: 11, schemaNumber: schemaNumber - 1 };
  await markStopped(
    database,
    await registerWorker(database, { ...old, host: 'mail-2', pid: 12, schemaNumber }),
  );
  await registerWorker(database, old);
  const { code, stdout } = await runMailroom(env, ['workers']);
  expect(code).toBe(0);
  const [head, ...lines] = stdout.trimEnd().split('\n');
  expect(head).toMatch(/^State +Host +Process +Version +Since +Last beat +Lanes +Mails\/s +Memory$/);
  expect(lines.some((line) => /mail-1 +11 +1\.2\.3 \(older than the database\)/.test(line))).toBe(true);
  expect(lines.some((line) => /^stopped +mail-2 +12 +1\.2\.3 /.test(line))).toBe(true);
  const json: unknown = JSON.parse((await runMailroom(env, ['workers', '--json'])).stdout);
  expect(json).toEqual(
    expect.arrayContaining([expect.objectContaining({ host: 'mail-2', state: 'stopped', lanesHeld: 0 })]),
  );
});
