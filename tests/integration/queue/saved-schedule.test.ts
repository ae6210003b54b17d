import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { reply, replyWhen } from '#tests/servers/smtp/hostile-script.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import {
  attemptsOf,
  makeScene,
  queueMails,
  quickRetry,
  settingsDocument,
  waitForStates,
  writeSettings,
} from './queue-scene.ts';

let db: TestDatabase;
const endings: (() => Promise<void>)[] = [];
beforeAll(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

test('a mail in flight when the schedule is saved waits by the one it started with, and its next try by the new one', async () => {
  const answer = Promise.withResolvers<void>();
  const server = await startHostileServer({
    reactions: {
      endOfData: (_line, times) =>
        times === 1
          ? replyWhen(answer.promise, '451 4.3.0 Not now')
          : reply(times === 2 ? '451 4.3.0 Not yet' : '250 2.0.0 Ok'),
    },
  });
  endings.push(() => server.close());
  const hour = { ...quickRetry, firstWaitSeconds: 3600, maxWaitSeconds: 3600, giveUpAfterHours: 48 };
  const scene = await makeScene(db.database, { port: server.port, sending: { retry: hour } });
  const [id] = await queueMails(db.database, scene, 1);
  const worker = await runWorker(testServices(db.database));
  endings.push(() => worker.stop());
  await waitUntil('the mail handed over', () => server.contents.length === 1, { withinMs: 60_000 });
  const saved = settingsDocument({
    port: server.port,
    sending: { retry: { ...quickRetry, firstWaitSeconds: 7 } },
  });
  await writeSettings(db.database, scene, saved);
  answer.resolve();
  await waitForStates(db.database, scene, { retrying: 1 });
  expect(await waitOf(id)).toBeCloseTo(3600, -2);
  await asOwner(db.database, (tx) =>
    tx.query('update mailroom.queue_entries set due_at = mailroom.now() where message_id = $1', [id]),
  );
  await waitUntil(
    'the second try answered',
    async () => (await attemptsOf(db.database, scene)).length === 2,
    {
      withinMs: 60_000,
    },
  );
  expect(await waitOf(id)).toBeLessThan(60);
  await waitForStates(db.database, scene, { sent: 1 });
  const attempts = await attemptsOf(db.database, scene);
  expect(attempts.map(({ outcome, settings_version }) => [outcome, settings_version])).toEqual([
    ['temporary', 1],
    ['temporary', 2],
    ['accepted', 2],
  ]);
});

/** How many seconds lie between its last try and its next one. */
async function waitOf(id: string | undefined): Promise<number> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ seconds: number }>(
      'select extract(epoch from next_attempt_at - state_at)::float8 as seconds from mailroom.messages where id = $1',
      [id],
    ),
  );
  return rows[0]?.seconds ?? Number.NaN;
}
