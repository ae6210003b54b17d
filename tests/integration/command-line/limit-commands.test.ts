import { expect, test, vi } from 'vitest';
import { createTestDatabase } from '#tests/support/database.ts';
import { makeOrganization, makeProject, testKeys } from '#tests/support/factories.ts';
import { runMailroom } from './run-mailroom.ts';

// Each command is a process of its own, which takes seconds where other tests run beside it.
vi.setConfig({ testTimeout: 600_000 });

const { database, connectionString } = await createTestDatabase();
const env = { DATABASE_URL: connectionString, MAILROOM_KEYS: testKeys, LOG_LEVEL: 'silent' };
const mailroom = (...args: string[]) => runMailroom(env, args);

test('an operator previews, sets and reads limits, their days and auto resume', async () => {
  const organization = await makeOrganization(database);
  const { slug } = await makeProject(database, organization, { slug: 'billing' });
  const set = await mailroom('set-limit', 'smtp', '--per-day', '20000', '--recipients', '100');
  expect(set, set.stderr).toMatchObject({ code: 0, stderr: '' });
  const refused = await mailroom('set-limit', 'smtp', '--per-day', '0');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('pause sending instead') });
  const preview = await mailroom('set-limit', 'smtp', '--per-day', 'none', '--dry-run', '--json');
  expect(JSON.parse(preview.stdout)).toMatchObject({ roomLeft: { before: 20_000, after: null } });
  expect(await mailroom('set-limit', `project:${slug}`, '--per-day', '50')).toMatchObject({ code: 0 });
  expect(await mailroom('set-day', '--kind', 'rolling')).toMatchObject({ code: 0 });
  expect(await mailroom('auto-resume', 'on', slug, '--threshold', '500')).toMatchObject({ code: 0 });
  const shown = await mailroom('limits');
  expect(shown.stdout).toMatch(/SMTP +0 +20000 +– +0 +100 +0 +0\n/);
  expect(shown.stdout).toMatch(/project:billing +0 +50 /);
  expect(shown.stdout).toMatch(/Then +rolling in UTC from /);
  const wrong = await mailroom('set-limit-policy', 'burn');
  expect(wrong).toMatchObject({ code: 2, stderr: 'Give one of hold, split, refuse.\n' });
});
