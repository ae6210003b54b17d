import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runMailroom } from '#tests/integration/command-line/run-mailroom.ts';
import { setLimit, useUp } from '#tests/integration/limits/limit-scene.ts';
import { makeScene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { testKeys } from '#tests/support/factories.ts';
import { holdMails, statesOf } from './backlog-scene.ts';

// Each command is a process of its own, which takes seconds where other tests run beside it.
vi.setConfig({ testTimeout: 300_000 });

const { database, connectionString } = await createTestDatabase();
const env = { DATABASE_URL: connectionString, MAILROOM_KEYS: testKeys, LOG_LEVEL: 'silent' };

test('the operator lists, resumes, suspends and exports held mails', async () => {
  const scene = await makeScene(database, { port: 9 });
  const { slug } = scene.project;
  const [first = '', second = ''] = await holdMails(database, scene, 2);
  const listed = await runMailroom(env, ['backlog', slug, '--reason', 'day_limit']);
  expect(listed.stdout).toContain(first);
  expect(listed.stdout).toContain('2 in the backlog, 0 suspended.');
  const nothing = await runMailroom(env, ['resume-held', slug]);
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  await setLimit(database, { organization: scene.organization, protocol: 'smtp' }, { mailsPerDay: 7 });
  await useUp(database, { organization: scene.organization, protocol: 'smtp' }, { mails: 7 });
  const refused = await runMailroom(env, ['resume-held', slug, first]);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain(
    'limit of the day of 7 mails (smtp) has 7 used and would hold 1 of them again',
  );
  const resumed = await runMailroom(env, ['resume-held', slug, first, '--pass-day-limit', '--json']);
  expect(JSON.parse(resumed.stdout)).toMatchObject({
    kind: 'resume',
    done: 1,
    overrides: { dayLimit: true },
  });
  const suspended = await runMailroom(env, ['suspend-held', slug, '--matching']);
  expect(suspended.stdout).toContain('1 of 1 done, 0 skipped, done.');
  expect(await statesOf(database, [first, second])).toMatchObject([
    { state: 'queued' },
    { state: 'suspended' },
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'mailroom-export-'));
  try {
    const file = join(folder, 'suspended.mbox');
    await runMailroom(env, ['export-backlog', slug, file, '--suspended', '--format', 'mbox']);
    expect(await readFile(file, 'utf8')).toContain(`Message-ID: <${second}@test>`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
