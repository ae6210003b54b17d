import { expect, test, vi } from 'vitest';
import { saveFloodSettings } from '#lib/flood/save-flood-settings.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { floodDefaults } from '#lib/policy/flood.ts';
import { runMailroom } from '#tests/integration/command-line/run-mailroom.ts';
import { makeScene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, testKeys, testServices } from '#tests/support/factories.ts';
import { makePool } from './pool-scene.ts';

// Each command is a process of its own, which takes seconds where other tests run beside it.
vi.setConfig({ testTimeout: 300_000 });

const { database, connectionString } = await createTestDatabase();
const env = { DATABASE_URL: connectionString, MAILROOM_KEYS: testKeys, LOG_LEVEL: 'silent' };

test('the operator sees what paces, and lets through what was held as a flood', async () => {
  const scene = await makeScene(database, { port: 9 });
  const { slug } = scene.project;
  await makePool(database, [scene], { name: 'Shared mailbox', mailsPerMinute: 30, recipientsPerDay: 500 });
  const pools = await runMailroom(env, ['pools']);
  expect(pools.stdout).toContain('Shared mailbox');
  expect(pools.stdout).toMatch(/30 a minute .* 0 of 500 .* not pacing/);

  const ctx = contextOf(testServices(database), scene.organization);
  await saveFloodSettings(ctx, { project: slug, thresholds: { ...floodDefaults, repeatsPerHour: 1 } });
  const letter = { to: 'a@x.test', subject: 'Ticket 1', text: 'Hello' };
  await acceptMessage(ctx, slug, letter);
  const answer = await acceptMessage(ctx, slug, letter);
  if (answer.kind !== 'accepted') throw new Error('not accepted');
  const allowed = await runMailroom(env, ['allow-flood', slug, answer.message.id, '--for', 'day']);
  expect(allowed.stdout).toContain('1 mail goes out; 1 kind of mail passes from now on.');
  const flood = await runMailroom(env, ['flood', slug]);
  expect(flood.stdout).toContain('Held above 1 repeats');
  expect(flood.stdout).toContain('“ticket #” to a@x.test');
  expect(await runMailroom(env, ['allow-flood', slug, answer.message.id, '--for', 'a while'])).toMatchObject({
    code: 2,
  });
});
