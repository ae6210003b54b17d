import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { readFleet } from '#lib/queue/read-fleet.ts';
import { startWorkerProcess } from '#tests/faults/worker-process.ts';
import { makeScene, queueMails, waitForStates } from '#tests/integration/queue/queue-scene.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';

const { database, connectionString } = await createTestDatabase();

interface Times {
  readonly lost_after: number;
  readonly shown_after: number;
  readonly moves_after: number;
  readonly recovered_after: number | null;
}

test(
  'a killed worker is lost after 8 s, and its mails move elsewhere by 15 s',
  { timeout: 180_000 },
  async () => {
    const sink = await startFastSink();
    const scene = await makeScene(database, { port: sink.port });
    const ctx = contextOf(testServices(database), scene.organization);
    const workers = await Promise.all([1, 2].map(() => startWorkerProcess({ connectionString })));
    // Only one whose own beats were unbroken for a lease may judge others.
    await waitUntil('both workers are older than a lease', () => areOlderThanLease(2), { withinMs: 30_000 });
    await queueMails(database, scene, 2000);
    await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= 200, { everyMs: 1 });
    const holder = await waitUntil('a holder', () => holderOf(scene.project.laneId));
    const victim = workers.find(({ workerPid }) => workerPid === holder.pid);
    if (victim === undefined) throw new Error('the lane is held by neither worker');
    victim.signal('SIGKILL');
    const shown = await waitUntil(
      'the page shows it as lost',
      async () => {
        const fleet = await readFleet(ctx);
        return fleet.workers.find(({ id, state }) => id === holder.id && state === 'lost');
      },
      { withinMs: 30_000 },
    );
    const shownAt = await databaseTime();
    await waitForStates(database, scene, { sent: 2000 });

    expect(shown.lanesHeld).toBe(0);
    const times = await readTimes(holder.id, shownAt);
    expect(times.lost_after).toBeGreaterThanOrEqual(8);
    expect(times.shown_after).toBeLessThanOrEqual(10);
    expect(times.moves_after).toBeLessThanOrEqual(15);
    expect(times.recovered_after ?? 0).toBeLessThanOrEqual(15);
    await Promise.all(workers.filter((each) => each !== victim).map((each) => each.stop(20_000)));
    await sink.close();
  },
);

async function areOlderThanLease(count: number): Promise<boolean> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ count: number }>(
      `select count(*)::int as count from mailroom.workers
       where stopped_at is null and lost_at is null and started_at < mailroom.now() - interval '9 seconds'`,
    ),
  );
  return rows[0]?.count === count;
}

async function holderOf(laneId: string): Promise<{ id: string; pid: number } | undefined> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ id: string; pid: number }>(
      'select w.id, w.pid from mailroom.lanes l join mailroom.workers w on w.id = l.holder where l.id = $1',
      [laneId],
    ),
  );
  return rows[0];
}

async function databaseTime(): Promise<Date> {
  const { rows } = await asOwner(database, (tx) => tx.query<{ now: Date }>('select mailroom.now() as now'));
  return rows[0]?.now ?? new Date(0);
}

/** Seconds since the last beat of the worker, by the database's clock. */
async function readTimes(workerId: string, shownAt: Date): Promise<Times> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<Times>(
      `select extract(epoch from w.lost_at - w.beat_at)::float8 as lost_after,
         extract(epoch from $2::timestamptz - w.beat_at)::float8 as shown_after,
         (select extract(epoch from min(a.started_at) - w.beat_at)::float8 from mailroom.attempts a
           where a.worker_id <> w.id and a.started_at > w.beat_at) as moves_after,
         (select extract(epoch from max(a.ended_at) - w.beat_at)::float8 from mailroom.attempts a
           where a.worker_id = w.id and a.code = 'WORKER_LOST') as recovered_after
       from mailroom.workers w where w.id = $1`,
      [workerId, shownAt],
    ),
  );
  const [times] = rows;
  if (times === undefined) throw new Error('the worker is not in the list');
  return times;
}
