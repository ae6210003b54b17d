import { expect, test, vi } from 'vitest';
import { asOwner } from '#db/client.ts';
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

test('an operator changes how mail is tried again, and decides what is in doubt', async () => {
  const scene = await makeScene(database, { port: await freePort() });
  const { slug } = scene.project;
  const changed = await mailroom(
    'delivery',
    slug,
    '--first-wait',
    '300',
    '--growth',
    '2',
    '--longest-wait',
    '3600',
  );
  expect(changed, changed.stderr).toMatchObject({ code: 0 });
  expect(changed.stdout).toContain('again after about 5, 15, 35 min');
  expect(changed.stdout).toContain('Version 2. 0 mails keep their next time');
  const shown = await mailroom('delivery', slug);
  expect(shown.stdout).toContain('300 s');
  const refused = await mailroom('delivery', slug, '--give-up-after', '9000');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('after 1 hour to 30 days') });

  const ids = await queueMails(database, scene, 3);
  await asOwner(database, async (tx) => {
    await tx.query('delete from mailroom.queue_entries where message_id = any ($1::uuid[])', [ids]);
    await tx.query(`update mailroom.messages set state = 'uncertain' where id = any ($1::uuid[])`, [ids]);
  });
  const [first = ''] = ids;
  expect(await mailroom('act-on-messages', 'mark_sent', slug, first)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 of 1 done'),
  });
  expect(await mailroom('act-on-messages', 'mark_failed', slug)).toMatchObject({ code: 2 });
  const rest = await mailroom('act-on-messages', 'mark_failed', slug, '--matching');
  expect(rest.stdout).toContain('2 of 2 done');
  expect(await countStates(database, scene)).toEqual({ sent: 1, failed: 2 });
});
