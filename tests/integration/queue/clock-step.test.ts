import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOwner, createDatabase, type Database } from '#db/client.ts';
import { systemClock } from '#lib/clock.ts';
import { newId } from '#lib/ids.ts';
import { ClockWatch } from '#lib/queue/clock-watch.ts';
import { beat, markStopped, registerWorker, takeFromLostWorkers } from '#lib/queue/fleet.ts';
import { ServiceRestart } from '#lib/queue/service-restart.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { laneOf, setOnAlternate } from './failover-scene.ts';
import { makeScene, queueMails, type Scene } from './queue-scene.ts';

let db: TestDatabase;
let scene: Scene;
const open: Database[] = [];

beforeEach(async () => {
  db = await createTestDatabase();
  scene = await makeScene(db.database, { port: 1, alternateHost: '127.0.0.1' });
  await asOwner(db.database, (tx) =>
    tx.query(
      `insert into mailroom.installation (system_identifier, timeline, restore_marker) values ('test', 1, $1)`,
      [newId()],
    ),
  );
});

afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});

/** A process of its own: one session, whose clock the test sets. */
function openProcess(): Database & { setClock(offset: string): Promise<void> } {
  const database = createDatabase({ connectionString: db.connectionString, maxConnections: 1 });
  open.push(database);
  return {
    ...database,
    setClock: async (offset) => {
      await database.pool.query("select set_config('mailroom.clock_offset', $1, false)", [offset]);
    },
  };
}

const dayMs = 86_400_000;

/** Seconds from now, by the clock of this process. */
async function secondsAhead(
  database: Database,
  columns: readonly string[],
  from: string,
): Promise<Readonly<Record<string, number>>> {
  const list = columns.map((column) => `extract(epoch from ${column} - mailroom.now())::float8 as ${column}`);
  const { rows } = await asOwner(database, (tx) =>
    tx.query<Record<string, number>>(`select ${list.join(', ')} from ${from}`),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no row');
  return row;
}

const run = (statement: string): Promise<unknown> => asOwner(db.database, (tx) => tx.query(statement));

const nearly = (seconds: number): unknown => expect.closeTo(seconds, -2);

test('a step back of a day is mended once, whichever of two workers notices it first', async () => {
  await queueMails(db.database, scene, 1);
  await run(`update mailroom.queue_entries set due_at = mailroom.now() + interval '2 days'`);
  await run(
    `update mailroom.messages set state = 'retrying', state_at = mailroom.now(), attempt_count = 1,
       next_attempt_at = mailroom.now() + interval '2 days', waited_from = mailroom.now()`,
  );
  await run(
    `update mailroom.lanes set wait_kind = 'throttled', wait_since = mailroom.now(),
       wait_until = mailroom.now() + interval '2 days'`,
  );
  const processes = [openProcess(), openProcess()];
  const watches = processes.map((process) => new ClockWatch(process, systemClock));
  for (const watch of watches) expect(await watch.look()).toBe(0);
  for (const process of processes) await process.setClock('-1 day');
  const steps = await Promise.all(watches.map((watch) => watch.look()));
  for (const step of steps) expect(step).toBeCloseTo(-dayMs, -5);
  for (const watch of watches) expect(await watch.look()).toBe(0);
  // Whoever comes later finds it mended.
  const late = openProcess();
  await late.setClock('-1 day');
  expect(await new ClockWatch(late, systemClock).look()).toBe(0);
  const entry = 'mailroom.queue_entries';
  expect(await secondsAhead(late, ['due_at'], entry)).toEqual({ due_at: nearly(2 * 86_400) });
  expect(await secondsAhead(late, ['next_attempt_at', 'waited_from'], 'mailroom.messages')).toEqual({
    next_attempt_at: nearly(2 * 86_400),
    waited_from: nearly(0),
  });
  expect(await secondsAhead(late, ['wait_until', 'wait_since'], 'mailroom.lanes')).toEqual({
    wait_until: nearly(2 * 86_400),
    wait_since: nearly(0),
  });
});

test('one that hears of the step an hour later mends nothing again', async () => {
  const [quick, slow] = [openProcess(), openProcess()];
  const watches = [new ClockWatch(quick, systemClock), new ClockWatch(slow, systemClock)] as const;
  for (const watch of watches) await watch.look();
  await quick.setClock('-1 day');
  await watches[0].look();
  await quick.pool.query(
    `update mailroom.lanes set wait_kind = 'throttled', wait_until = mailroom.now() + interval '1 hour'`,
  );
  await slow.setClock('-1 day');
  expect(await watches[1].look()).toBeCloseTo(-dayMs, -5);
  expect(await secondsAhead(quick, ['wait_until'], 'mailroom.lanes')).toEqual({ wait_until: nearly(3600) });
});

test('probes of the primary, paces of pools, turns at Graph and refreshes of tokens wait no day longer', async () => {
  const process = openProcess();
  const watch = new ClockWatch(process, systemClock);
  await watch.look();
  const pool = newId();
  await run(
    `update mailroom.lanes set active_endpoint = 'alternate', alternate_since = mailroom.now(),
       primary_probe_at = mailroom.now() + interval '1 minute', primary_up_since = mailroom.now()`,
  );
  await run(
    `insert into mailroom.pools (id, organization_id, name, kind, preset)
     values ('${pool}', '${scene.organization.id}', 'Pool', 'tenant', 'own')`,
  );
  await run(
    `update mailroom.pool_paces set minute_free_at = mailroom.now() + interval '1 minute',
       stopped_until = mailroom.now() + interval '10 minutes', slowed_at = mailroom.now()`,
  );
  await run(
    `insert into mailroom.pool_usage (pool_id, minute, organization_id, mails, recipients, bytes)
     select '${pool}', date_trunc('minute', mailroom.now() - m * interval '1 minute'), '${scene.organization.id}', 1, 2, 3
     from generate_series(0, 2) m`,
  );
  await run(
    `insert into mailroom.graph_slots (key, number, holder, held_until, wanted_by, wanted_until)
     values (decode(repeat('00', 32), 'hex'), 1, gen_random_uuid(), mailroom.now() + interval '1 minute',
       gen_random_uuid(), mailroom.now() + interval '1 second')`,
  );
  await run(
    `insert into mailroom.oauth_grants (id, organization_id, project_id, refreshing_until, failed_at)
     values (gen_random_uuid(), '${scene.organization.id}', '${scene.project.id}',
       mailroom.now() + interval '30 seconds', mailroom.now())`,
  );
  await process.setClock('-1 day');
  await watch.look();
  const soon = expect.toSatisfy((seconds: number) => seconds > -120 && seconds <= 601);
  for (const [table, columns] of [
    ['lanes', ['alternate_since', 'primary_probe_at', 'primary_up_since']],
    ['pool_paces', ['minute_free_at', 'stopped_until', 'slowed_at']],
    ['graph_slots', ['held_until', 'wanted_until']],
    ['oauth_grants', ['refreshing_until', 'failed_at']],
  ] as const) {
    const seen = await secondsAhead(process, columns, `mailroom.${table}`);
    expect(seen).toEqual(Object.fromEntries(columns.map((column) => [column, soon])));
  }
  const { rows } = await asOwner(process, (tx) =>
    tx.query(
      `select sum(mails)::int as mails, sum(recipients)::int as recipients, max(minute) <= mailroom.now() as is_past
       from mailroom.pool_usage`,
    ),
  );
  expect(rows).toEqual([{ mails: 3, recipients: 6, is_past: true }]);
});

test('after a step back a worker that joins others is no restart of the service', async () => {
  await setOnAlternate(db.database, scene);
  const process = openProcess();
  const old = new ClockWatch(process, systemClock);
  await old.look();
  await enter(process);
  const ended = await enter(process);
  await markStopped(process, ended);
  await process.setClock('-1 day');
  // As a worker does at its start, before it enters.
  const watch = new ClockWatch(process, systemClock);
  expect(await watch.look()).toBeLessThan(0);
  await new ServiceRestart(testServices(process), await enter(process)).look(false);
  expect((await laneOf(db.database, scene)).active_endpoint).toBe('alternate');
  // What was told by the clock of before does not look like one more step.
  expect(await new ClockWatch(process, systemClock).look()).toBe(0);
});

test('a clock that steps forward between the look at it and the judgement takes nobody for lost', async () => {
  const process = openProcess();
  const [judge, other] = [await enter(process), await enter(process)];
  const watch = new ClockWatch(process, systemClock);
  await watch.look();
  await process.setClock('25 hours');
  await sounds(process, judge);
  expect(await takeFromLostWorkers(process, { judgeId: judge, nowMs: watch.expectedMs })).toEqual([]);
  await watch.look();
  await sounds(process, other);
  expect(await takeFromLostWorkers(process, { judgeId: judge, nowMs: watch.expectedMs })).toEqual([]);
});

function enter(database: Database): Promise<string> {
  return registerWorker(database, { host: 'h', pid: 1, version: '0', schemaNumber: 0, jobWorkerIds: [] });
}

async function sounds(database: Database, workerId: string): Promise<void> {
  const nothing = { lanesHeld: 0, sentSinceLast: 0, sentPerSecond: 0, memoryBytes: 0, schemaNumber: 0 };
  await beat(database, { workerId, ...nothing, jobWorkerIds: [] });
}
