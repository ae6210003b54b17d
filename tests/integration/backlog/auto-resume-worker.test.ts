import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import type { Context, Services } from '#lib/context.ts';
import { saveAutoResume } from '#lib/limits/save-auto-resume.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import { startWorkerProcess, type WorkerProcess } from '#tests/faults/worker-process.ts';
import { setLimit, useUp } from '#tests/integration/limits/limit-scene.ts';
import { makeScene, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { freePort } from '#tests/support/free-port.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { holdMails, ownerRows } from './backlog-scene.ts';

// A worker is a process of its own, which takes seconds where other tests run beside it. How soon it releases is what the
// bench measures (auto_resume); here it is the order of what the database has written.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
const withinMs = 120_000;

let db: TestDatabase;
let services: Services;
let worker: WorkerProcess;
let atLimit: Desk;
let aboveThreshold: Desk;

// All is held before there is a worker, which would take it from the queue otherwise.
beforeAll(async () => {
  db = await createTestDatabase();
  services = testServices(db.database);
  atLimit = await openDesk({ mailsPerDay: 100, used: 100, threshold: null, held: 30 });
  aboveThreshold = await openDesk({ mailsPerDay: 100, used: 0, threshold: 5, held: 8 });
  worker = await startWorkerProcess(db);
});

afterAll(async () => {
  await worker.stop(20_000);
});

interface Desk {
  readonly scene: Scene;
  readonly ctx: Context;
  /** What the limit of the day holds, oldest first. */
  readonly ids: readonly string[];
}

async function openDesk({
  mailsPerDay,
  used,
  threshold,
  held,
}: {
  readonly mailsPerDay: number;
  readonly used: number;
  readonly threshold: number | null;
  readonly held: number;
}): Promise<Desk> {
  const scene = await makeScene(db.database, { port: await freePort() });
  const smtp = { organization: scene.organization, protocol: 'smtp' } as const;
  await setLimit(db.database, smtp, { mailsPerDay });
  await useUp(db.database, smtp, { mails: used });
  const ctx = contextOf(services, scene.organization);
  await saveAutoResume(ctx, { project: scene.project.slug, autoResume: true, threshold });
  return { scene, ctx, ids: await holdMails(db.database, scene, held) };
}

/** Which mails auto resume let go, each with when, as the database has it in microseconds. */
async function released({ scene }: Desk): Promise<ReadonlyMap<string, number>> {
  const rows = await ownerRows<{ id: string; at: number }>(
    db.database,
    `select m.id, extract(epoch from e.at)::float8 * 1000000 as at
     from mailroom.messages m join mailroom.shared_events e on e.id = any (m.shared_event_ids)
     where m.project_id = $1 and e.kind = 'auto_resumed'`,
    [scene.project.id],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}

async function instant(text: string, id: string): Promise<number> {
  const [row] = await ownerRows<{ at: number }>(
    db.database,
    `select extract(epoch from ${text})::float8 * 1000000 as at`,
    [id],
  );
  return row?.at ?? Infinity;
}

test('a worker releases after a raise, the oldest first, by itself (PRODUCT 5.6)', async () => {
  const { ctx, ids } = atLimit;
  expect(await released(atLimit)).toEqual(new Map());
  await saveLimit(ctx, {
    scope: 'smtp',
    mailsPerDay: 112,
    expected: { mailsPerDay: 100, recipientsPerMail: null, highReserve: 0 },
  });
  await waitUntil('the release', async () => (await released(atLimit)).size >= 12, { withinMs });
  const raisedAt = await instant(
    `(select raised_at from mailroom.limit_scopes where organization_id = $1 and protocol = 'smtp')`,
    ctx.organizationId,
  );
  const found = await released(atLimit);
  expect(new Set(found.keys())).toEqual(new Set(ids.slice(0, 12)));
  expect(Math.min(...found.values())).toBeGreaterThan(raisedAt);
  expect(
    await ownerRows(
      db.database,
      `select sum((detail ->> 'mails')::int)::int as mails from mailroom.audit_entries
       where organization_id = $1 and action = 'backlog.auto_resumed'`,
      [ctx.organizationId],
    ),
  ).toEqual([{ mails: 12 }]);
});

test('a worker releases when those that wait fall below the threshold, and not before', async () => {
  const { scene, ctx, ids } = aboveThreshold;
  const project = scene.project.slug;
  expect(await released(aboveThreshold)).toEqual(new Map());
  const run = await startBulkRun(ctx, {
    project,
    kind: 'suspend',
    selection: { ids: ids.slice(4) },
  });
  await waitUntil('the release', async () => (await released(aboveThreshold)).size >= 4, { withinMs });
  const found = await released(aboveThreshold);
  expect(new Set(found.keys())).toEqual(new Set(ids.slice(0, 4)));
  const suspendedAt = await instant('(select finished_at from mailroom.bulk_runs where id = $1)', run.id);
  expect(Math.min(...found.values())).toBeGreaterThan(suspendedAt);
});
