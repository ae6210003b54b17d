import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Context, Services } from '#lib/context.ts';
import { readDelivery } from '#lib/delivery/read-delivery.ts';
import { saveDelivery } from '#lib/delivery/save-delivery.ts';
import type { DeliveryRules } from '#lib/delivery/schemas.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { tryMessagesNow } from '#lib/messages/try-messages-now.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { defaultRetrySchedule } from '#lib/settings/schemas.ts';
import { makeScene, queueMails } from '#tests/integration/queue/queue-scene.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { drop, reply } from '#tests/servers/smtp/hostile-script.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';

let db: TestDatabase;
let services: Services;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  services = testServices(db.database);
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

const hourly: DeliveryRules['retry'] = {
  ...defaultRetrySchedule,
  firstWaitSeconds: 3600,
  factor: 1,
  maxWaitSeconds: 3600,
  jitterPercent: 0,
};

async function work(): Promise<void> {
  const worker = await runWorker(services);
  endings.push(() => worker.stop());
}

async function save(ctx: Context, project: string, rules: Partial<DeliveryRules>): Promise<void> {
  const view = await readDelivery(ctx, { project });
  await saveDelivery(ctx, {
    project,
    rules: { ...view.rules, ...rules },
    expectedVersion: view.version ?? 0,
  });
}

test('a schedule that is changed while mail waits keeps its next time and holds for the tries behind it', async () => {
  const server = await startHostileServer({ reactions: { endOfData: reply('451 4.2.0 Later') } });
  endings.push(() => server.close());
  const scene = await makeScene(db.database, {
    port: server.port,
    sending: { retry: { ...hourly, firstWaitSeconds: 1200, maxWaitSeconds: 1200 } },
  });
  const ctx = contextOf(services, scene.organization);
  const project = scene.project.slug;
  const [id = ''] = await queueMails(db.database, scene, 1);
  await work();
  const read = () => getMessage(ctx, { project, id });
  await waitUntil('a first refusal', async () => (await read()).attemptCount === 1, { withinMs: 60_000 });
  const before = await read();
  await save(ctx, project, { retry: hourly });
  expect((await read()).nextAttemptAt).toBe(before.nextAttemptAt);
  await tryMessagesNow(ctx, { project, ids: [id] });
  await waitUntil('a second refusal', async () => (await read()).attemptCount === 2, { withinMs: 60_000 });
  const after = await read();
  const waitMs = Date.parse(after.nextAttemptAt ?? '') - Date.parse(after.stateAt);
  expect(Math.round(waitMs / 60_000)).toBe(60);
});

test('holding doubtful mail is in force at the next result, for mail that was accepted before', async () => {
  const server = await startHostileServer({ reactions: { endOfData: drop } });
  endings.push(() => server.close());
  const scene = await makeScene(db.database, { port: server.port, sending: { retry: hourly } });
  const ctx = contextOf(services, scene.organization);
  const project = scene.project.slug;
  const [id = ''] = await queueMails(db.database, scene, 1);
  await save(ctx, project, { uncertain: 'hold' });
  await work();
  await waitUntil(
    'a mail in doubt',
    async () => (await getMessage(ctx, { project, id })).state === 'uncertain',
    { withinMs: 60_000 },
  );
  expect(server.contents).toHaveLength(1);
});
