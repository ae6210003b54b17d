import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { buildTransport } from '#lib/transports/build-transport.ts';
import { createGraphTransport } from '#lib/transports/graph/transport.ts';
import { attemptsOf, countStates, queueMails } from '#tests/integration/queue/queue-scene.ts';
import type { GraphFault } from '#tests/servers/graph/settings.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { type GraphScene, makeGraphScene } from './worker-scene.ts';

const timesOut: GraphFault = {
  when: ({ path }) => path.endsWith('/sendMail'),
  after: true,
  does: { kind: 'answer', status: 504 },
};

/** Sends one mail that is never answered; its copies are seen from the `visibleFrom`th delivery on. */
async function sendInDoubt(visibleFrom: number) {
  const db = await createTestDatabase();
  let delivered = 0;
  const scene: GraphScene = await makeGraphScene(db, {
    proveOnce: false,
    switches: { copyVisibleAfterMs: 3_600_000, faults: [timesOut, timesOut, timesOut] },
    onDelivery: () => {
      delivered += 1;
      if (delivered < visibleFrom) return;
      for (const copy of scene.graph.mailbox(scene.mailbox).messages) copy.hiddenUntilMs = 0;
    },
  });
  const worker = await runWorker(scene.ctx, {
    // Looks wait for nothing here.
    buildTransport: (options) =>
      options.protocol === 'graph'
        ? createGraphTransport({ ...options, wait: () => Promise.resolve() })
        : buildTransport(options),
  });
  await queueMails(db.database, scene, 1);
  const state = await waitUntil(
    'the mail at its end',
    async () => {
      // No try waits for its time.
      await asOwner(db.database, (tx) =>
        tx.query('update mailroom.queue_entries set due_at = mailroom.now() where attempt_id is null'),
      );
      worker.wake(scene.project.laneId);
      const { sent, uncertain } = await countStates(db.database, scene);
      return sent === 1 ? 'sent' : uncertain === 1 ? 'uncertain' : false;
    },
    { withinMs: 60_000, everyMs: 50 },
  );
  await worker.stop();
  const attempts = await attemptsOf(db.database, scene);
  await scene.close();
  return { state, deliveries: scene.graph.deliveries.length, attempts };
}

test('a mail whose repeats are spent is looked for once more, and ends as sent where it did arrive (PRODUCT 4.8)', async () => {
  const { state, deliveries, attempts } = await sendInDoubt(3);
  expect(state).toBe('sent');
  expect(deliveries).toBe(3);
  expect(attempts.map(({ outcome, code }) => [outcome, code])).toEqual([
    ['uncertain', expect.any(String)],
    ['uncertain', expect.any(String)],
    ['accepted', 'FOUND_SENT'],
  ]);
});

test('and stays uncertain where nothing is found', async () => {
  const { state, deliveries, attempts } = await sendInDoubt(4);
  expect(state).toBe('uncertain');
  expect(deliveries).toBe(3);
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['uncertain', 'uncertain', 'uncertain']);
});
