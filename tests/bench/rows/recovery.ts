import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { wakeLane } from '#lib/queue/wake-lane.ts';
import type { BenchRow, RowResult } from '../row.ts';
import { type Scene, acceptMails, openScene, untilSettled } from '../support/scene.ts';
import { startSink } from '../support/sink.ts';
import { startWorker, type WorkerProcess } from '../support/worker.ts';

const mailCount = 20_000;
const mailBytes = 5_120;
const connections = 10;
/** graphile-worker's own answer to the same: a killed process keeps its jobs for four hours. */
const graphileExpirySeconds = 14_400;
const rateFloor = 0.95;

interface Round {
  readonly seconds: number;
  readonly rateRatio: number;
  readonly lost: number;
  readonly unmarked: number;
}

/** Two workers, one dies by SIGKILL in mid-drain: until every mail that it held moves again. */
export const recoveryRow: BenchRow = {
  name: 'recovery',
  unit: 's',
  title: 'SIGKILL of the worker that drains, a second one beside it: until every mail that it held has moved',
  floor: 13,
  goal: 10,
  bound: 'most',
  run: async (pairs): Promise<RowResult> => {
    const sink = await startSink();
    const scene = await openScene({ sinkPort: sink.port, connections });
    const rounds: Round[] = [];
    let workers = [await startWorker(scene), await startWorker(scene)];
    // The first round warms up and is left out.
    for (let round = 0; round <= pairs; round += 1) {
      const arrived = sink.awaitMails(mailCount);
      await pauseSending(scene.ctx, { project: scene.project.slug });
      await acceptMails(scene, mailCount, mailBytes);
      wakeLane(scene.ctx.database, (await resumeSending(scene.ctx, { project: scene.project.slug })).laneId);
      const { holder, ...measured } = await killAndMeasure(scene, workers);
      await arrived;
      await untilSettled(scene);
      const { distinct, repeated } = await sink.counts();
      const unmarked = Math.max(0, repeated - (await markedRepeats(scene)));
      rounds.push({ ...measured, lost: mailCount - distinct, unmarked });
      workers = [...workers.filter((worker) => worker !== holder), await startWorker(scene)];
    }
    await Promise.all(workers.map((worker) => worker.stop()));
    await scene.stop();
    await sink.stop();
    const counted = rounds.slice(1);
    const slowest = Math.min(...counted.map(({ rateRatio }) => rateRatio));
    return {
      values: counted.map(({ seconds }) => seconds),
      void: voidOf(counted),
      notes: [
        `rate after against before: ${counted.map(({ rateRatio }) => rateRatio.toFixed(2)).join('  ')} (floor ${rateFloor}, least ${slowest.toFixed(2)})`,
        `graphile-worker alone frees the jobs of a killed process after ${graphileExpirySeconds} s`,
      ],
    };
  },
};

function voidOf(rounds: readonly Round[]): string | null {
  const lost = rounds.reduce((sum, round) => sum + round.lost, 0);
  const unmarked = rounds.reduce((sum, round) => sum + round.unmarked, 0);
  if (lost + unmarked > 0) return `${lost} mails lost, ${unmarked} repeated without a mark`;
  const rates = rounds.map(({ rateRatio }) => rateRatio).toSorted((a, b) => a - b);
  const middle = rates[Math.floor(rates.length / 2)] ?? 0;
  return middle < rateFloor ? `the rate after is ${middle.toFixed(2)} of the rate before` : null;
}

type Killed = Pick<Round, 'seconds' | 'rateRatio'> & { readonly holder: WorkerProcess };

/** Lets a third of the mails go, kills who sends them, and waits until nothing of it is left standing. */
async function killAndMeasure(scene: Scene, workers: readonly WorkerProcess[]): Promise<Killed> {
  const before = await rateBetween(scene, 0.95, 0.65);
  const { pid, id } = await holderOf(scene);
  const holder = workers.find((worker) => worker.pid === pid);
  if (holder === undefined) throw new Error('Nobody holds the lane in mid-drain');
  const killedMs = performance.now();
  holder.process.signal('SIGKILL');
  await untilMoved(scene, id);
  const seconds = (performance.now() - killedMs) / 1000;
  const left = await share(scene);
  const after = await rateBetween(scene, left - 0.05, 0.05);
  return { seconds, rateRatio: after / before, holder };
}

const moved = z.object({ moves: z.boolean() });

/** Its marks are taken from it, and another holds the lane and has started mails of it. */
async function untilMoved({ server }: Scene, victim: string): Promise<void> {
  for (;;) {
    const { rows } = await server.database.pool.query(
      `select not exists (select from mailroom.queue_entries where worker_id = $1)
         and exists (select from mailroom.queue_entries where worker_id <> $1 and attempt_id is not null) as moves`,
      [victim],
    );
    if (moved.parse(rows[0]).moves) return;
    await pause(10);
  }
}

/** Mails a second while the queue goes from one share of the mails to another. */
async function rateBetween(scene: Scene, from: number, to: number): Promise<number> {
  const start = await untilShare(scene, from);
  const end = await untilShare(scene, to);
  return ((start.left - end.left) * mailCount * 1000) / (end.atMs - start.atMs);
}

async function untilShare(scene: Scene, most: number): Promise<{ left: number; atMs: number }> {
  for (;;) {
    const left = await share(scene);
    if (left <= most) return { left, atMs: performance.now() };
    await pause(10);
  }
}

/** How much of the mails is still queued, 0 to 1. */
async function share({ server }: Scene): Promise<number> {
  const { rows } = await server.database.pool.query<{ count: number }>(
    'select count(*)::int as count from mailroom.queue_entries',
  );
  return (rows[0]?.count ?? 0) / mailCount;
}

async function holderOf({ server, project }: Scene): Promise<{ pid: number; id: string }> {
  for (;;) {
    const { rows } = await server.database.pool.query<{ pid: number; id: string }>(
      `select w.pid, w.id from mailroom.projects p join mailroom.lanes l on l.id = p.lane_id
       join mailroom.workers w on w.id = l.holder where p.id = $1`,
      [project.id],
    );
    const [row] = rows;
    if (row !== undefined) return row;
    await pause(5);
  }
}

async function markedRepeats({ server }: Scene): Promise<number> {
  const { rows } = await server.database.pool.query<{ count: number }>(
    'select count(*)::int as count from mailroom.attempts where repeat',
  );
  return rows[0]?.count ?? 0;
}
