import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runWorker } from '#lib/queue/run-worker.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { freePort } from '#tests/support/free-port.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { laneHistory, toldOf } from './failover-scene.ts';
import { makeScene, queueMails, waitForStates } from './queue-scene.ts';

let db: TestDatabase;
const endings: (() => Promise<void>)[] = [];
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

/** Asks by the clock as it is now: each session has the one that it began with. */
async function ask<Row extends pg.QueryResultRow>(statement: string): Promise<Row> {
  const client = new pg.Client({ connectionString: db.connectionString, application_name: 'test' });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(statement);
    const [row] = rows;
    if (row === undefined) throw new Error('no row');
    return row;
  } finally {
    await client.end();
  }
}

/** The clock of every session of the worker goes on by so much: they are cut, and opened anew. */
async function passTime(totalMs: number): Promise<void> {
  await db.shiftClock(`${Math.round(totalMs)} milliseconds`);
  await ask(
    `select count(pg_terminate_backend(pid)) from pg_stat_activity
     where datname = current_database() and application_name <> 'test'`,
  );
}

interface Waiting {
  readonly failures: number;
  readonly ms: number | null;
}

const readWait = (): Promise<Waiting> =>
  ask<{ failures: number; ms: number | null }>(
    `select failure_count::int as failures, extract(epoch from wait_until - mailroom.now())::float8 * 1000 as ms
     from mailroom.lanes`,
  );

const longestMs = 300_000;

test('while both servers are dark the waits grow to their longest, no mail is charged, and people hear of it once', async () => {
  const [primaryPort, alternatePort] = [await freePort(), await freePort()];
  const scene = await makeScene(db.database, {
    port: primaryPort,
    alternateHost: '127.0.0.1',
    alternate: { port: alternatePort },
  });
  const [due, later] = await queueMails(db.database, scene, 2);
  // Both were tried once; the one waits for a try that comes while nothing can be tried.
  await ask(
    `with tried as (
       update mailroom.messages set state = 'retrying', attempt_count = 1, waited_ms = 1000,
         waited_from = mailroom.now(), halted_from_ms = mailroom.halted_ms(project_id),
         next_attempt_at = mailroom.now() + case when id = '${later}' then interval '10 minutes' else '0' end
       returning id, next_attempt_at
     ), put as (
       update mailroom.queue_entries q set due_at = t.next_attempt_at from tried t where t.id = q.message_id returning 1
     )
     select count(*) from put`,
  );
  const worker = await runWorker(testServices(db.database));
  endings.push(() => worker.stop());
  const waits: number[] = [];
  let passedMs = 0;
  for (let failures = 0; (waits.at(-1) ?? 0) < 0.9 * longestMs || waits.length < 12;) {
    const waiting = await waitUntil(
      `the failure after ${failures}`,
      async () => {
        const wait = await readWait();
        return wait.failures > failures && wait.ms !== null && wait;
      },
      { withinMs: 60_000, everyMs: 100 },
    );
    ({ failures } = waiting);
    waits.push(waiting.ms ?? 0);
    passedMs += (waiting.ms ?? 0) + 500;
    await passTime(passedMs);
  }
  expect(passedMs).toBeGreaterThan(10 * 60_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1.1 * longestMs);
  for (const id of [due, later]) {
    const mail = await ask<{ state: string; tries: number; clock_ms: number }>(
      `select m.state, m.attempt_count as tries,
         mailroom.tried_ms(m.waited_ms, m.waited_from, m.halted_from_ms, q.due_at, m.project_id)::float8 as clock_ms
       from mailroom.messages m join mailroom.queue_entries q on q.message_id = m.id where m.id = '${id}'`,
    );
    expect(mail).toMatchObject({ state: 'retrying', tries: 1 });
    // What passed before its lane waited at all, and nothing of the minutes after.
    expect(mail.clock_ms).toBeLessThan(60_000);
  }
  expect(await toldOf(db.database, scene)).toEqual(['went_to_alternate', 'servers_unreachable']);
  const sink = await startFastSink({ port: primaryPort });
  endings.push(() => sink.close());
  await waitUntil(
    'both sent',
    async () => {
      passedMs += longestMs;
      await passTime(passedMs);
      const { sent } = await ask<{ sent: number }>(
        `select count(*)::int as sent from mailroom.messages where state = 'sent'`,
      );
      return sent === 2;
    },
    { withinMs: 120_000, everyMs: 3_000 },
  );
  await waitForStates(db.database, scene, { sent: 2 });
  expect(sink.counts().mails).toBe(2);
  expect(await toldOf(db.database, scene)).toEqual([
    'went_to_alternate',
    'servers_unreachable',
    'returned_to_primary',
  ]);
  expect((await laneHistory(db.database, scene)).map(([action]) => action)).toEqual([
    'lane.switched_to_alternate',
    'lane.both_down',
    'lane.reconnected_to_primary',
  ]);
});
