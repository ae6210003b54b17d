import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { forgetIdempotencyKeys } from '#lib/messages/forget-idempotency-keys.ts';
import { makeScene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';

const { database } = await createTestDatabase();

test('a key is forgotten after 24 hours, and no sooner (PRODUCT 4.1)', async () => {
  const scene = await makeScene(database, { port: 25 });
  const ctx = contextOf(testServices(database), scene.organization);
  for (const key of ['old', 'young']) {
    const idempotency = { key, fingerprint: Buffer.from(key) };
    const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };
    await acceptMessage(ctx, scene.project.slug, letter, { idempotency });
  }
  await asOwner(database, (tx) =>
    tx.query(
      `update mailroom.idempotency_keys set created_at = mailroom.now() - case key when 'old'
         then interval '24 hours 1 second' else interval '23 hours' end`,
    ),
  );
  expect(await forgetIdempotencyKeys(database)).toBe(1);
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ key: string }>('select key from mailroom.idempotency_keys'),
  );
  expect(rows).toEqual([{ key: 'young' }]);
});
