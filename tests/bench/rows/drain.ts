import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { createLaneWaker } from '#lib/queue/lane-waker.ts';
import type { BenchRow, RowResult } from '../row.ts';
import { startProgram } from '../support/program.ts';
import { type Scene, acceptMails, openScene, untilSettled } from '../support/scene.ts';
import { type Sink, epochMs, startSink } from '../support/sink.ts';
import { type WorkerProcess, startWorker } from '../support/worker.ts';

const mailCount = 10_000;
const mailBytes = 5_120;
const connections = 10;

/** What one run of drains measured; `memory` reports the same run from another side. */
interface DrainRun {
  readonly ratios: readonly number[];
  readonly peakMegabytes: number;
  readonly lost: number;
  readonly repeated: number;
  readonly notes: readonly string[];
}

let lastRun: Promise<DrainRun> | null = null;

/** Drains interleaved with bare loops, once for both rows that report on it. */
function drainRun(pairs: number): Promise<DrainRun> {
  lastRun ??= measure(pairs);
  return lastRun;
}

export const drainRow: BenchRow = {
  name: 'drain',
  unit: 'ratio',
  title: `drain of ${mailCount} queued mails of 5 KB against a bare nodemailer pool over the same mails in memory`,
  floor: 0.75,
  goal: 1.2,
  bound: 'least',
  run: async (pairs) => {
    const run = await drainRun(pairs);
    return { values: run.ratios, void: voidReason(run), notes: run.notes };
  },
};

export const memoryRow: BenchRow = {
  name: 'memory',
  unit: 'MB',
  title: 'peak memory of the worker during the drain',
  floor: 300,
  goal: 300,
  bound: 'most',
  run: async (pairs): Promise<RowResult> => {
    const run = await drainRun(pairs);
    return { values: [run.peakMegabytes], void: voidReason(run), notes: [] };
  },
};

export function voidReason({ lost, repeated }: { lost: number; repeated: number }): string | null {
  return lost + repeated === 0 ? null : `${lost} mails lost, ${repeated} repeated`;
}

async function measure(pairs: number): Promise<DrainRun> {
  const sink = await startSink();
  const scene = await openScene({ sinkPort: sink.port, connections });
  const worker = await startWorker(scene);
  const ratios: number[] = [];
  const rates: string[] = [];
  let lost = 0;
  let repeated = 0;
  let commits = 0;
  let walBytes = 0;
  // The first pair warms up both sides and is left out.
  for (let pair = 0; pair <= pairs; pair += 1) {
    const bare = await bareLoop(sink);
    const ours = await drainOnce(scene, sink);
    if (pair === 0) continue;
    ratios.push(ours.rate / bare);
    rates.push(`${Math.round(ours.rate)}/${Math.round(bare)}`);
    lost += ours.lost;
    repeated += ours.repeated;
    commits += ours.commits;
    walBytes += ours.walBytes;
  }
  const peak = await worker.peakMemory();
  await stopAll(worker, scene, sink);
  const mails = pairs * mailCount;
  return {
    ratios,
    peakMegabytes: peak / 1e6,
    lost,
    repeated,
    notes: [
      `mails a second, drain/bare: ${rates.join('  ')}`,
      `${(commits / mails).toFixed(3)} commits and ${Math.round(walBytes / mails)} bytes of WAL per mail drained`,
    ],
  };
}

async function stopAll(worker: WorkerProcess, scene: Scene, sink: Sink): Promise<void> {
  await worker.stop();
  await scene.stop();
  await sink.stop();
}

async function bareLoop(sink: Sink): Promise<number> {
  const loop = startProgram('tests/bench/baselines/nodemailer-pool.ts', [
    String(sink.port),
    String(mailCount),
    String(mailBytes),
    String(connections),
  ]);
  await loop.next('ready');
  const arrived = sink.awaitMails(mailCount);
  const startedMs = epochMs();
  loop.tell('go');
  const rate = (mailCount / ((await arrived) - startedMs)) * 1000;
  await loop.stop();
  return rate;
}

async function drainOnce(scene: Scene, sink: Sink) {
  const { ctx, project, server } = scene;
  await pauseSending(ctx, { project: project.slug });
  await acceptMails(scene, mailCount, mailBytes);
  await server.database.pool.query('checkpoint');
  const before = await server.work();
  const waker = createLaneWaker(ctx.database);
  const arrived = sink.awaitMails(mailCount);
  const startedMs = epochMs();
  const { laneId } = await resumeSending(ctx, { project: project.slug });
  waker.wake(laneId);
  const rate = (mailCount / ((await arrived) - startedMs)) * 1000;
  await untilSettled(scene);
  await waker.close();
  const after = await server.work();
  const { distinct, repeated } = await sink.counts();
  return {
    rate,
    lost: mailCount - distinct,
    repeated,
    commits: after.commits - before.commits,
    walBytes: after.walBytes - before.walBytes,
  };
}
