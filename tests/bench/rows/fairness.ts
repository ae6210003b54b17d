import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createProject } from '#lib/organizations/create-project.ts';
import { wakeLane } from '#lib/queue/wake-lane.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { queueMails } from '#tests/integration/queue/queue-scene.ts';
import type { BenchRow, RowResult } from '../row.ts';
import { type Scene, acceptMails, openScene, useSink } from '../support/scene.ts';
import { startSink } from '../support/sink.ts';
import { startWorker } from '../support/worker.ts';

const queuedOfOther = 100_000;
const mailsPerSide = 200;
const everyMs = 40;
const connections = 10;

/** A project's waits while another has a mountain of mail for a server that takes connections and says nothing. */
export const fairnessRow: BenchRow = {
  name: 'fairness',
  unit: 'ratio',
  title: `p95 of a project's wait while another has ${queuedOfOther} mails queued and a dead server, against alone`,
  floor: 1.5,
  goal: 1.1,
  bound: 'most',
  run: async (pairs): Promise<RowResult> => {
    const sink = await startSink();
    const dead = await startSilentServer();
    const scene = await openScene({ sinkPort: sink.port, connections });
    const other = await createProject(scene.ctx, { name: 'Mountain' });
    await useSink(scene.ctx, other.slug, { sinkPort: dead.port, connections });
    await pauseSending(scene.ctx, { project: other.slug });
    await fill(scene, other);
    const worker = await startWorker(scene);
    const values: number[] = [];
    const waits: string[] = [];
    // The first pair warms up and is left out.
    for (let pair = 0; pair <= pairs; pair += 1) {
      const alone = await p95OfWaits(scene);
      wakeLane(scene.ctx.database, (await resumeSending(scene.ctx, { project: other.slug })).laneId);
      const beside = await p95OfWaits(scene);
      await pauseSending(scene.ctx, { project: other.slug });
      dead.dropAll();
      if (pair === 0) continue;
      values.push(beside / alone);
      waits.push(`${beside.toFixed(1)}/${alone.toFixed(1)}`);
    }
    const { distinct, repeated } = await sink.counts();
    await worker.stop();
    await scene.stop();
    await dead.close();
    await sink.stop();
    const isWhole = distinct === 2 * (pairs + 1) * mailsPerSide && repeated === 0;
    return {
      values,
      void: isWhole ? null : 'mails lost or repeated',
      notes: [`p95 in ms, beside/alone: ${waits.join('  ')}`],
    };
  },
};

async function fill(scene: Scene, other: { readonly id: string; readonly slug: string }): Promise<void> {
  const place = {
    organization: { id: scene.ctx.organizationId, slug: 'bench' },
    project: { id: other.id, slug: other.slug, laneId: '' },
  };
  for (let done = 0; done < queuedOfOther; done += 10_000)
    await queueMails(scene.ctx.database, place, 10_000);
  await scene.server.database.pool.query('analyze');
}

/** From its acceptance until its end, by the database's clock, of mails that come one by one. In ms. */
async function p95OfWaits(scene: Scene): Promise<number> {
  const { server, project } = scene;
  const { rows: before } = await server.database.pool.query<{ at: Date }>('select mailroom.now() as at');
  for (let mail = 0; mail < mailsPerSide; mail += 1) {
    await acceptMails(scene, 1, 1_024);
    await pause(everyMs);
  }
  for (;;) {
    const { rows } = await server.database.pool.query<{ open: number; p95: number }>(
      `select count(*) filter (where sent_at is null)::int as open,
         percentile_cont(0.95) within group (order by extract(epoch from sent_at - accepted_at) * 1000)::float8 as p95
       from mailroom.messages where project_id = $1 and accepted_at >= $2`,
      [project.id, before[0]?.at],
    );
    const [row] = rows;
    if (row !== undefined && row.open === 0) return row.p95;
    await pause(20);
  }
}

/** Takes connections and never says a word. */
async function startSilentServer() {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    dropAll,
    close: () =>
      new Promise<void>((resolve) => {
        dropAll();
        server.close(() => resolve());
      }),
  };
}
