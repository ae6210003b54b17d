import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { wakeLane } from '#lib/queue/wake-lane.ts';
import { queueMails, type Scene as QueueScene } from '#tests/integration/queue/queue-scene.ts';
import type { BenchRow, RowResult } from '../row.ts';
import { type Scene, openScene, untilSettled } from '../support/scene.ts';
import { type Sink, startSink } from '../support/sink.ts';
import { startWorker } from '../support/worker.ts';

const connections = 10;
const readers = 4;
const offeredPerSecond = 800;
const offerEveryMs = 100;
/** Where the queue is never empty it is never long either: what is measured is the drain. */
const topUp = 2_000;

interface Load {
  /** How long a "minute" is, in ms. */
  readonly minuteMs: number;
  /** What each reader does again and again in its old snapshot. */
  readonly reading: { readonly statement: string; readonly everyMs: number };
  /** Keeps the queue filled until it is told to stop; resolves with how many mails it has put there. */
  feed(scene: Scene, queue: QueueScene, signal: AbortSignal): Promise<number>;
}

const holding = `beside a session idle in its transaction and ${readers} readers with old snapshots, against minute 1`;

/** Nothing may be cleaned up from the second minute to the fifth, and mail comes at a steady rate. */
export const bloatRow: BenchRow = {
  name: 'bloat',
  unit: 'ratio',
  title: `mails a second in minutes 4 and 5 of ${offeredPerSecond} offered, ${holding}`,
  floor: 0.9,
  goal: 0.98,
  bound: 'least',
  // Five minutes are one figure; more of them would make the bench an hour.
  run: () =>
    measure({
      minuteMs: 60_000,
      reading: {
        statement: `select count(*) from mailroom.messages where state = 'sent' and subject like '%e%'`,
        everyMs: 500,
      },
      feed: feedSteadily,
    }),
};

/**
 * The same with a queue that is never empty. The readers' own scans are short, or the two cores would be theirs; a
 * third of the time leaves more dead rows than the steady rate does in five minutes.
 */
export const bloatFullRow: BenchRow = {
  name: 'bloat_full',
  unit: 'ratio',
  title: `drain rate of a queue that is never empty in "minutes" 4 and 5 of 20 s ${holding}`,
  floor: 0.9,
  goal: 0.98,
  bound: 'least',
  run: () =>
    measure({
      minuteMs: 20_000,
      reading: { statement: 'select count(*) from mailroom.lanes', everyMs: 500 },
      feed: feedToTheFull,
    }),
};

async function measure(load: Load): Promise<RowResult> {
  const sink = await startSink();
  const scene = await openScene({ sinkPort: sink.port, connections });
  const worker = await startWorker(scene);
  const queue = await queueSceneOf(scene);
  const stopping = new AbortController();
  const feeding = load.feed(scene, queue, stopping.signal);
  await pause(5_000);
  const first = await window(scene, sink, load.minuteMs);
  const held = await holdBack(scene, load.reading);
  await pause(2 * load.minuteMs);
  const late = await window(scene, sink, 2 * load.minuteMs);
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
    values: [late.perSecond / first.perSecond],
    void: distinct === queued && repeated === 0 ? null : `${queued - distinct} lost, ${repeated} repeated`,
    notes: [
      `${Math.round(first.perSecond)} mails a second in minute 1, ${Math.round(late.perSecond)} in minutes 4 and 5; ${dead} dead rows in the queue`,
      `p95 from accepted to sent: ${first.p95Ms.toFixed(0)} ms, then ${late.p95Ms.toFixed(0)} ms`,
    ],
  };
}

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

const feedSteadily: Load['feed'] = async ({ ctx }, queue, signal) => {
  const startedMs = performance.now();
  let fed = 0;
  while (!signal.aborted) {
    const owed = Math.floor(((performance.now() - startedMs) * offeredPerSecond) / 1000) - fed;
    if (owed > 0) {
      fed += (await queueMails(ctx.database, queue, owed)).length;
      wakeLane(ctx.database, queue.project.laneId);
    }
    await pause(offerEveryMs);
  }
  return fed;
};

const feedToTheFull: Load['feed'] = async ({ ctx, server }, queue, signal) => {
  let fed = 0;
  while (!signal.aborted) {
    // Neither the queue, whose dead rows would be walked over, nor the sink, which goes through all that it has.
    const { rows } = await server.database.pool.query<{ sent: number }>(
      'select coalesce(sum(sent), 0)::int as sent from mailroom.delivery_counters',
    );
    if (fed - (rows[0]?.sent ?? 0) < topUp) {
      fed += (await queueMails(ctx.database, queue, topUp)).length;
      wakeLane(ctx.database, queue.project.laneId);
    } else await pause(20);
  }
  return fed;
};

interface Window {
  readonly perSecond: number;
  readonly p95Ms: number;
}

async function window({ server }: Scene, sink: Sink, forMs: number): Promise<Window> {
  const [before, startedMs] = [await sink.counts(), performance.now()];
  const { rows: start } = await server.database.pool.query<{ at: Date }>('select mailroom.now() as at');
  await pause(forMs);
  const after = await sink.counts();
  const perSecond = ((after.mails - before.mails) * 1000) / (performance.now() - startedMs);
  const { rows } = await server.database.pool.query<{ p95: number | null }>(
    `select percentile_cont(0.95) within group (order by extract(epoch from sent_at - accepted_at) * 1000)::float8 as p95
     from mailroom.messages where accepted_at >= $1 and sent_at is not null`,
    [start[0]?.at],
  );
  return { perSecond, p95Ms: rows[0]?.p95 ?? Number.NaN };
}

/** One session that does nothing in its transaction, and readers whose snapshots grow old. */
async function holdBack(
  { server }: Scene,
  { statement, everyMs }: Load['reading'],
): Promise<{ release(): Promise<void> }> {
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
      await client.query(statement);
      await pause(everyMs);
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
