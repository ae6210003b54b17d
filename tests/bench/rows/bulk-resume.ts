import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import { readBulkRun } from '#lib/backlog/list-bulk-runs.ts';
import { benchContext } from '../support/context.ts';
import { type BenchDatabase, startBenchDatabase } from '../support/database.ts';
import { fillHeld, type HeldScene, makeHeldScene } from '../support/held.ts';
import type { BenchRow, RowResult } from '../row.ts';

const mails = 100_000;

export const bulkResumeRow: BenchRow = {
  name: 'bulk_resume',
  unit: 'ratio',
  title: `a resume of ${mails} held mails, with queue, history and progress, against one bare UPDATE of their rows`,
  floor: 0.4,
  goal: 0.6,
  bound: 'least',
  run: measure,
};

async function measure(pairs: number): Promise<RowResult> {
  const server = await startBenchDatabase();
  const values: number[] = [];
  const rates: string[] = [];
  let wrong = 0;
  // The first pair warms up both sides and is left out. Each side has rows of its own, filled in the same way.
  for (let pair = 0; pair <= pairs; pair += 1) {
    const scene = await makeHeldScene(server.database, `resumed-${pair}`);
    const bareScene = await makeHeldScene(server.database, `updated-${pair}`);
    await fillHeld(server.database, scene, mails);
    await fillHeld(server.database, bareScene, mails);
    await server.database.pool.query('vacuum analyze');
    const bareMs = await bareUpdate(server, bareScene);
    const ours = await resumeAll(server, scene);
    wrong += ours.wrong;
    if (pair === 0) continue;
    values.push(bareMs / ours.ms);
    rates.push(`${Math.round((mails / ours.ms) * 1000)}/${Math.round((mails / bareMs) * 1000)}`);
  }
  await server.stop();
  return {
    values,
    void: wrong === 0 ? null : `${wrong} mails are not in the queue exactly once`,
    notes: [`mails a second, resumed/updated: ${rates.join('  ')}`],
  };
}

async function bareUpdate({ database }: BenchDatabase, { project }: HeldScene): Promise<number> {
  await database.pool.query('checkpoint');
  const startedMs = performance.now();
  await database.pool.query(
    `update mailroom.messages set state = 'queued', state_reason = null, state_at = now() where project_id = $1`,
    [project.id],
  );
  return performance.now() - startedMs;
}

async function resumeAll({ database }: BenchDatabase, scene: HeldScene) {
  const ctx = benchContext(database, scene.organizationId);
  const project = scene.project.slug;
  await database.pool.query('checkpoint');
  const startedMs = performance.now();
  const { id } = await startBulkRun(ctx, {
    project,
    kind: 'resume',
    selection: { filter: {} },
    overrides: { dayLimit: true },
  });
  while ((await advanceBulkRuns(ctx)) > 0);
  const ms = performance.now() - startedMs;
  const run = await readBulkRun(ctx, { project, run: id });
  const { rows } = await database.pool.query<{ queued: number; told: number }>(
    `select (select count(*)::int from mailroom.queue_entries where project_id = $1) as queued,
       (select count(*)::int from mailroom.messages m where m.project_id = $1 and exists (
         select from mailroom.shared_events e where e.id = any (m.shared_event_ids) and e.kind = 'resumed')) as told`,
    [scene.project.id],
  );
  const { queued = 0, told = 0 } = rows[0] ?? {};
  const wrong = Math.abs(mails - queued) + Math.abs(mails - told) + Math.abs(mails - run.done);
  return { ms, wrong };
}
