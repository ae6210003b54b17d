import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { cancelMessages } from '#lib/messages/cancel-messages.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { makeScene, queueLength, queueMails } from '#tests/integration/queue/queue-scene.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';

const { database } = await createTestDatabase();
const services = testServices(database);

test('a cancel that races a worker: each mail is either cancelled or sent, none is both', async () => {
  const sink = await startFastSink();
  const scene = await makeScene(database, { port: sink.port });
  const ctx = contextOf(services, scene.organization);
  const ids = await queueMails(database, scene, 1_000);
  const worker = await runWorker(services);
  try {
    worker.wake(scene.project.laneId);
    await waitUntil('the first mails at the server', () => sink.counts().mails > 0);
    // From the end of the queue, so that the two meet somewhere in the middle.
    let cancelled = 0;
    for (let end = ids.length; end > 0; end -= 50) {
      const { done } = await cancelMessages(ctx, {
        project: scene.project.slug,
        ids: ids.slice(end - 50, end),
      });
      cancelled += done;
    }
    await waitUntil('an empty queue', async () => (await queueLength(database, scene)) === 0);

    const states = await statesOf(scene.project.id);
    expect(states.get('cancelled')?.size).toBe(cancelled);
    expect(cancelled).toBeGreaterThan(0);
    expect((states.get('sent')?.size ?? 0) + cancelled).toBe(ids.length);
    expect(new Set(sink.counts().messageIds.keys())).toEqual(
      new Set([...(states.get('sent') ?? [])].map((id) => `<${id}@test>`)),
    );
  } finally {
    await worker.stop();
    await sink.close();
  }
});

async function statesOf(projectId: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ id: string; state: string }>('select id, state from mailroom.messages where project_id = $1', [
      projectId,
    ]),
  );
  const states = new Map<string, Set<string>>();
  for (const { id, state } of rows) states.set(state, (states.get(state) ?? new Set()).add(id));
  return states;
}
