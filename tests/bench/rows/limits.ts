import { asOwner } from '#db/client.ts';
import { createProject } from '#lib/organizations/create-project.ts';
import { createLaneWaker } from '#lib/queue/lane-waker.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import type { BenchRow, RowResult } from '../row.ts';
import { type Scene, acceptMails, openScene, untilSettled, useSink } from '../support/scene.ts';
import { type Sink, epochMs, startSink } from '../support/sink.ts';
import { startWorker } from '../support/worker.ts';

const mailsPerProject = 2_000;
const projectCount = 4;
const workerCount = 4;
/** Half of what is queued: the limit is reached in mid-run. */
const mailLimit = (mailsPerProject * projectCount) / 2;
const mailBytes = 1_024;
const connections = 10;

/** Drain up to a limit that is hit in mid-run, against the same mails with no limit set. */
export function limitsRow(
  name: string,
  postgresSettings: Readonly<Record<string, string | number>>,
): BenchRow {
  return {
    name,
    unit: 'ratio',
    title: `the first ${mailLimit} of ${mailsPerProject * projectCount} mails, ${workerCount} workers: limits on and hit in mid-run against off`,
    floor: 0.9,
    goal: 0.97,
    bound: 'least',
    run: (pairs) => measure(pairs, postgresSettings),
  };
}

async function measure(
  pairs: number,
  postgresSettings: Readonly<Record<string, string | number>>,
): Promise<RowResult> {
  const sink = await startSink();
  const scene = await openScene({ sinkPort: sink.port, connections, postgresSettings });
  const projects = [scene.project];
  while (projects.length < projectCount) {
    const project = await createProject(scene.ctx, { name: `Drain ${projects.length + 1}` });
    await useSink(scene.ctx, project.slug, { sinkPort: sink.port, connections });
    projects.push(project);
  }
  const scenes = projects.map((project) => ({ ...scene, project }));
  const workers = await Promise.all(Array.from({ length: workerCount }, () => startWorker(scene)));
  const values: number[] = [];
  const rates: string[] = [];
  let wrong = 0;
  // The first pair warms up both sides and is left out.
  for (let pair = 0; pair <= pairs; pair += 1) {
    await setLimits(scene, null);
    const off = await drain(scenes, sink);
    wrong += Math.abs(mailsPerProject * projectCount - off.arrived);
    await setLimits(scene, mailLimit);
    const on = await drain(scenes, sink);
    wrong += Math.abs(mailLimit - on.arrived);
    if (pair === 0) continue;
    values.push(on.rate / off.rate);
    rates.push(`${Math.round(on.rate)}/${Math.round(off.rate)}`);
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  await scene.stop();
  await sink.stop();
  return {
    values,
    void: wrong === 0 ? null : `${wrong} mails over or under what may leave`,
    notes: [`mails a second, on/off: ${rates.join('  ')}`],
  };
}

/** So many mails more than were counted until now, and a limit of recipients; null: no limit at all. */
async function setLimits({ ctx }: Scene, more: number | null): Promise<void> {
  await asOwner(ctx.database, (tx) =>
    tx.query(
      `update mailroom.limit_scopes s set recipients_per_mail = case when $1::integer is not null then 50 end,
         mails_per_day = $1 + (select used.mails from mailroom.limit_window(s.organization_id) w
           cross join lateral mailroom.limit_used(s.id, w.starts_at, w.ends_at) used)
       where s.protocol = 'smtp'`,
      [more],
    ),
  );
}

async function drain(scenes: readonly Scene[], sink: Sink): Promise<{ rate: number; arrived: number }> {
  const [scene] = scenes;
  if (scene === undefined) throw new TypeError('A drain needs a project');
  const { ctx } = scene;
  for (const each of scenes) {
    await pauseSending(ctx, { project: each.project.slug });
    await acceptMails(each, mailsPerProject, mailBytes);
  }
  await scene.server.database.pool.query('checkpoint');
  const waker = createLaneWaker(ctx.database);
  const reached = sink.awaitMails(mailLimit);
  const startedMs = epochMs();
  for (const { project } of scenes) waker.wake((await resumeSending(ctx, { project: project.slug })).laneId);
  const rate = (mailLimit / ((await reached) - startedMs)) * 1000;
  await waker.close();
  await untilSettled(scene);
  return { rate, arrived: (await sink.counts()).mails };
}
