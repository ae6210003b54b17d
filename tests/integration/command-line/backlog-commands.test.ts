import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { asWorker } from '#db/client.ts';
import { holdMessages } from '#lib/backlog/hold-messages.ts';
import { countStates, makeScene, queueMails } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { freePort } from '#tests/support/free-port.ts';
import { testKeys } from '#tests/support/factories.ts';
import { runMailroom } from './run-mailroom.ts';

// Each command is a process of its own, which takes seconds where other tests run beside it.
vi.setConfig({ testTimeout: 600_000 });

const { database, connectionString } = await createTestDatabase();
const env = { DATABASE_URL: connectionString, MAILROOM_KEYS: testKeys, LOG_LEVEL: 'silent' };
const mailroom = (...args: string[]) => runMailroom(env, args);

test('an operator lists, exports, suspends, returns and resumes held mail', async () => {
  const scene = await makeScene(database, { port: await freePort() });
  const { slug } = scene.project;
  const ids = await queueMails(database, scene, 3);
  await asWorker(database, (tx) => holdMessages(tx, { ids, reason: 'by_hand', by: 'test' }));

  const listed = await mailroom('backlog', slug, '--json');
  expect(listed, listed.stderr).toMatchObject({ code: 0 });
  for (const id of ids) expect(listed.stdout).toContain(id);

  const folder = await mkdtemp(join(tmpdir(), 'mailroom-export-'));
  try {
    const file = join(folder, 'held.csv');
    expect(await mailroom('export-backlog', slug, file)).toMatchObject({ code: 0 });
    expect((await readFile(file, 'utf8')).trim().split('\r\n')).toHaveLength(4);
  } finally {
    await rm(folder, { recursive: true });
  }

  const [first = ''] = ids;
  expect(await mailroom('suspend-held', slug, first)).toMatchObject({ code: 0 });
  expect(await countStates(database, scene)).toEqual({ backlog: 2, suspended: 1 });
  expect(await mailroom('return-suspended', slug, first)).toMatchObject({ code: 0 });
  const resumed = await mailroom('resume-held', slug, '--matching');
  expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
});
