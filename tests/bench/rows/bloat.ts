import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { wakeLane } from '#lib/queue/wake-lane.ts';
import { queueMails, type Scene as QueueScene } from '#tests/integration/queue/queue-scene.ts';
import type { BenchRow, RowResult } from '../row.ts';
import { type Scene, openScene, untilSettled } from '../support/scene.ts';
import { startSink } from '../support/sink.ts';
import { startWorker } from '../support/worker.ts';

const connections = 10;
const minuteMs = 60_000;
const readers = 4;
/** The queue is never empty and never long: what is measured is the drain. */
const topUp = 2_000;

/**
 * The rate of the drain while nothing may be cleaned up: one session stays idle in its transaction and four read on with
 * an old snapshot, from the second minute to the fifth.
 */
export const bloatRow: BenchRow = {
  name: 'bloat',
  unit: 'ratio',
  title: `drain rate in minutes 4 and 5 beside a session idle in its transaction and ${readers} long readers, against minute 1`,
  floor: 0.9,
  goal: 0.98,
  bound: 'least',
  // Five minutes are one figure; more of them would make the bench an hour.
  run: async (): Promise<RowResult> => {
    const sink = await startSink();
    const scene = await openScene({ sinkPort: sink.port, connections });
    const worker = await startWorker(scene);
    const queue = await queueSceneOf(scene);
    const stopping = new AbortController();
    const feeding = feed(scene, queue, stopping.signal);
    await pause(5_000);
    const arrivedAt = async (): Promise<number> => (await sink.counts()).mails;
    const first = await rate(arrivedAt, minuteMs);
    const held = await holdBack(scene);
    await pause(2 * minuteMs);
    const late = await rate(arrivedAt, 2 * minuteMs);
    const dead = await deadRows(scene);
    await held.release();
    stopping.abort();
    const queued = await feeding;
    await untilSettled(scene);
    const { distinct, repeated } = await sink.counts();
    await worker.stop();
    await scene.stop();
    await sink.stop();
    return {
      values: [late / first],
      void: distinct === queued && repeated === 0 ? null : `${queued - distinct} lost, ${repeated} repeated`,
      notes: [
        `${Math.round(first)} mails a second in minute 1, ${Math.round(late)} in minutes 4 and 5; ${dead} dead rows`,
      ],
    };
  },
};

async function queueSceneOf({ ctx, server, project }: Scene): Promise<QueueScene> {
  const { rows } = await server.database.pool.query<{ lane_id: string }>(
    'select lane_id from mailroom.projects where id = $1',
    [project.id],
  );
  return {
    organization: { id: ctx.organizationId, slug: 'bench' },
    project: { ...project, laneId: rows[0]?.lane_id ?? '' },
  };
}

/** Keeps the queue filled until it is told to stop; resolves with how many mails it has put there. */
async function feed({ ctx, server }: Scene, queue: QueueScene, signal: AbortSignal): Promise<number> {
  let fed = 0;
  while (!signal.aborted) {
    const { rows } = await server.database.pool.query<{ count: number }>(
      'select count(*)::int as count from (select from mailroom.queue_entries limit $1) q',
      [2 * topUp],
    );
    if ((rows[0]?.count ?? 0) < topUp) {
      fed += (await queueMails(ctx.database, queue, topUp)).length;
      wakeLane(ctx.database, queue.project.laneId);
    } else await pause(20);
  }
  return fed;
}

async function rate(arrivedAt: () => Promise<number>, forMs: number): Promise<number> {
  const [before, startedMs] = [await arrivedAt(), performance.now()];
  await pause(forMs);
  const after = await arrivedAt();
  return ((after - before) * 1000) / (performance.now() - startedMs);
}

/** One session that does nothing in its transaction, and readers whose snapshots grow old. */
async function holdBack({ server }: Scene): Promise<{ release(): Promise<void> }> {
  const open = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: server.address });
    await client.connect();
    await client.query('begin isolation level repeatable read');
    await client.query('select pg_current_xact_id(), count(*) from mailroom.lanes');
    return client;
  };
  const idle = await open();
  const over = new AbortController();
  const reading = Array.from({ length: readers }, async () => {
    const client = await open();
    while (!over.signal.aborted) {
      await client.query(
        `select count(*) from mailroom.messages where state = 'sent' and subject like '%e%'`,
      );
      await pause(500);
    }
    await client.query('commit');
    await client.end();
  });
  return {
    release: async () => {
      over.abort();
      await Promise.all(reading);
      await idle.query('commit');
      await idle.end();
    },
  };
}

async function deadRows({ server }: Scene): Promise<number> {
  const { rows } = await server.database.pool.query<{ dead: number }>(
    `select n_dead_tup::int as dead from pg_stat_user_tables where schemaname = 'mailroom' and relname = 'queue_entries'`,
  );
  return rows[0]?.dead ?? 0;
}
