import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { releaseMessages } from '#lib/messages/release-messages.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, testServices } from '#tests/support/factories.ts';
import { accepted, settle, sqlRows } from '#tests/integration/messages/scene.ts';
import { makeScene } from '#tests/integration/queue/queue-scene.ts';

const { database } = await createTestDatabase();
const scene = await makeScene(database, { port: 25 }, await makeOrganization(database));
const ctx = contextOf(testServices(database), scene.organization);
const letter = { subject: 'Hello', text: 'Good morning' };

test.each([
  ['whose every recipient was captured is counted when it leaves', ['captured', 'captured'], false],
  ['that left for others before is not counted again', ['accepted', 'captured'], true],
  ['that was refused for others before is not counted again', ['refused', 'captured'], true],
  ['of which only a test address was served is counted when it leaves', ['magic', 'captured'], false],
])('a released mail %s (PRODUCT 5.2)', async (_name, states, isCounted) => {
  const to = states.map((state, index) =>
    state === 'magic' ? 'delivered@magic.mailroom.test' : `p${index}@example.com`,
  );
  const id = await accepted(ctx, scene.project.slug, { ...letter, to });
  await settle(database, id, states[0] === 'captured' ? 'captured' : 'sent', 'captured');
  const first = states[0] === 'magic' ? 'accepted' : states[0];
  await asOwner(database, (tx) =>
    tx.query('update mailroom.recipients set state = $2 where message_id = $1 and position = 0', [id, first]),
  );
  expect(await releaseMessages(ctx, { project: scene.project.slug, ids: [id] })).toEqual({
    done: 1,
    skipped: 0,
  });
  const rows = await sqlRows(
    database,
    'select counted_at is not null as counted from mailroom.queue_entries where message_id = $1',
    [id],
  );
  expect(rows).toEqual([{ counted: isCounted }]);
});
