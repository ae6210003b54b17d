import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { attemptsOf, queueMails, waitForStates } from '#tests/integration/queue/queue-scene.ts';
import type { GraphFault } from '#tests/servers/graph/settings.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { makeGraphScene } from './worker-scene.ts';
import { startWorkerProcess } from '#tests/faults/worker-process.ts';

const hangs = (after: boolean): GraphFault => ({
  when: ({ method, path }) => method === 'POST' && path.endsWith('/send'),
  after,
  does: { kind: 'hang' },
});

test('proved once: after a worker was killed, the next goes on with the drafts that it left (PRODUCT 4.8)', async () => {
  const db = await createTestDatabase();
  const scene = await makeGraphScene(db, { proveOnce: true });
  const { graph } = scene;
  const first = await startWorkerProcess(db, { MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8,::1' });
  // A server that has not answered yet is tried by one mail alone.
  await queueMails(db.database, scene, 1);
  await waitForStates(db.database, scene, { sent: 1 });
  // Of the two mails one was sent when the worker died, the other not; neither was answered.
  graph.switches.faults.push(hangs(true), hangs(false));
  const ids = await queueMails(db.database, scene, 2);
  await waitUntil('both requests under way', () => graph.switches.faults.length === 0, { withinMs: 30_000 });
  const kept = await asOwner(db.database, (tx) =>
    tx.query<{ draft: string | null }>('select draft from mailroom.messages'),
  );
  expect(kept.rows.every(({ draft }) => draft !== null)).toBe(true);
  first.signal('SIGKILL');
  await first.exited;
  expect(graph.deliveries).toHaveLength(2);

  const second = await startWorkerProcess(db, { MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8,::1' });
  await waitForStates(db.database, scene, { sent: 3 });
  await second.stop(10_000);
  await scene.close();
  expect(graph.deliveries).toHaveLength(3);
  expect(new Set(graph.deliveries.slice(1).map(({ content }) => /<[^>]+@test>/.exec(content)?.[0]))).toEqual(
    new Set(ids.map((id) => `<${id}@test>`)),
  );
  const asked = graph.requests.filter((line) => /^POST .*\/messages 201$/.test(line));
  expect(asked, 'drafts made').toHaveLength(3);
  const outcomes = (await attemptsOf(db.database, scene)).map(({ outcome }) => outcome);
  expect(outcomes.toSorted()).toEqual(['accepted', 'accepted', 'accepted', 'uncertain', 'uncertain']);
}, 180_000);
