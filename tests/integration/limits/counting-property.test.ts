import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { asOwner, createDatabase, type Database } from '#db/client.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { makeOrganization } from '#tests/support/factories.ts';
import { CountingRun } from './counting-run.ts';
import { gatedDatabase } from './gated-database.ts';

vi.setConfig({ testTimeout: 240_000 });

const { database, connectionString } = await createTestDatabase();
const hourMs = 3_600_000;

// Near changes of clocks in both directions, and on a plain day; five seconds into a minute, so that none ends meanwhile.
const bases = ['2027-03-27T21:30:05Z', '2027-10-30T21:30:05Z', '2027-05-05T10:15:05Z'];
const zones = ['UTC', 'Europe/Berlin', 'Atlantic/Azores', 'Asia/Kathmandu', 'Pacific/Auckland'];

const limit = fc.record({
  mailsPerDay: fc.option(fc.integer({ min: 1, max: 14 }), { nil: null, freq: 5 }),
  highReserve: fc.integer({ min: 0, max: 3 }),
});

const phase = fc.record({
  /** The clock goes on by so much, or back. */
  hours: fc.constantFrom(0, 0, 0.5, 2, 2.5, 3, 13, 23.5, 24, 24.5, 25, -1, -24, -26),
  smtp: limit,
  project: fc.option(limit, { nil: undefined }),
  cut: fc.option(
    fc.record({
      kind: fc.constantFrom('calendar' as const, 'rolling' as const),
      timeZone: fc.constantFrom(...zones),
    }),
    { nil: undefined },
  ),
  /** While the workers start mails, the limit of all rises by so much. */
  raise: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  /** While they do, the connection of this one is cut. */
  cutOff: fc.option(fc.nat({ max: 1 }), { nil: undefined }),
  atATime: fc.constantFrom(1, 3, 50),
  retryEvery: fc.constantFrom(2, 5, 1000),
});

const plan = fc.record({
  base: fc.constantFrom(...bases),
  kind: fc.constantFrom('calendar' as const, 'rolling' as const),
  timeZone: fc.constantFrom(...zones),
  workers: fc.constantFrom(2, 3),
  mails: fc.record({
    normal: fc.integer({ min: 1, max: 4 }),
    high: fc.integer({ min: 0, max: 2 }),
    overrides: fc.constantFrom(0, 0, 1),
  }),
  phases: fc.array(phase, { minLength: 2, maxLength: 5 }),
});

type Phase = typeof phase extends fc.Arbitrary<infer Value> ? Value : never;

function atMost(numbers: { mailsPerDay: number | null; highReserve: number }) {
  return { ...numbers, highReserve: Math.min(numbers.highReserve, numbers.mailsPerDay ?? 0) };
}

async function change(run: CountingRun, clock: Database, now: number, given: Phase): Promise<void> {
  await run.save(clock, 'smtp', atMost(given.smtp));
  const project = run.workers[0]?.scenes[0]?.project.id;
  if (given.project !== undefined && project !== undefined)
    await run.save(clock, project, atMost(given.project));
  if (given.cut !== undefined) await run.cut(clock, now, given.cut);
}

// The workers start what they have, a limit rises and a connection is cut, statement by statement in any order.
async function race(
  run: CountingRun,
  scheduler: fc.Scheduler,
  offsetMs: number,
  given: Phase,
): Promise<void> {
  let isGated = true;
  const turn = () => (isGated ? scheduler.schedule(Promise.resolve()) : Promise.resolve());
  const open = (name: string) => gatedDatabase({ connectionString, offsetMs, name }, turn);
  const pools = run.workers.map(({ id }) => open(id));
  const other = open('other');
  const tasks = run.workers.map((worker, index) =>
    run.startAll(worker, pools[index] ?? other, given.atATime),
  );
  const now = run.limitOf('smtp');
  if (given.raise !== undefined && now.mailsPerDay !== null) {
    tasks.push(run.save(other, 'smtp', { ...now, mailsPerDay: now.mailsPerDay + given.raise }));
  }
  const victim = given.cutOff === undefined ? undefined : run.workers[given.cutOff];
  if (victim !== undefined) tasks.push(cutConnections(victim.id, turn));
  await scheduler.waitFor(Promise.all(tasks));
  isGated = false;
  await Promise.all([...pools, other].map((pool) => pool.close()));
}

async function cutConnections(name: string, turn: () => Promise<unknown>): Promise<void> {
  for (let waits = 0; waits < 4; waits += 1) await turn();
  await asOwner(database, (tx) =>
    tx.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = $1 and datname = current_database()`,
      [name],
    ),
  );
}

// Without gates and cuts, until nothing more starts: then all that is left must be stopped by a limit.
async function comeToRest(run: CountingRun, clock: Database): Promise<void> {
  let before = (await run.observe()).marked;
  for (;;) {
    await Promise.all(run.workers.map((worker) => run.startAll(worker, clock, 50)));
    const { marked } = await run.observe();
    if (marked === before) return;
    before = marked;
  }
}

test('what is used of a window is the sum of its minutes, wherever it begins and ends', async () => {
  const organization = await makeOrganization(database);
  const minute = fc.integer({ min: 0, max: 60 * 50 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ minute, slot: fc.integer({ min: 0, max: 2 }), mails: fc.integer({ min: 1, max: 9 }) }),
        { maxLength: 60 },
      ),
      fc.array(fc.tuple(minute, fc.option(minute, { nil: null })), { minLength: 1, maxLength: 60 }),
      async (used, windows) => {
        const mismatches = await asOwner(database, async (tx) => {
          await tx.query('delete from mailroom.limit_usage where organization_id = $1', [organization.id]);
          await tx.query(
            `insert into mailroom.limit_usage (scope_id, minute, slot, organization_id, mails, high_mails)
             select s.id, '2027-05-05T00:00Z'::timestamptz + u.minute * interval '1 minute', u.slot, $1, sum(u.mails), 1
             from mailroom.limit_scopes s, json_to_recordset($2) as u (minute integer, slot smallint, mails integer)
             where s.organization_id = $1 and s.protocol = 'ews' group by s.id, u.minute, u.slot`,
            [organization.id, JSON.stringify(used)],
          );
          const { rows } = await tx.query(
            `select w.*, k.* from mailroom.limit_scopes s
             cross join lateral (
               select '2027-05-05T00:00Z'::timestamptz + (p ->> 0)::integer * interval '1 minute' as starts_at,
                 '2027-05-05T00:00Z'::timestamptz + (p ->> 1)::integer * interval '1 minute' as ends_at
               from json_array_elements($2) p
             ) w
             cross join lateral mailroom.limit_used(s.id, w.starts_at, w.ends_at) k
             where s.organization_id = $1 and s.protocol = 'ews' and (k.mails, k.high_mails) <> (
               select coalesce(sum(u.mails), 0), coalesce(sum(u.high_mails), 0) from mailroom.limit_usage u
               where u.scope_id = s.id and u.minute >= w.starts_at and (w.ends_at is null or u.minute < w.ends_at))`,
            [organization.id, JSON.stringify(windows)],
          );
          return rows;
        });
        expect(mismatches).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

test('no interleaving of workers, cuts, limits and clocks passes a limit or wastes its room (PRODUCT 5.2, 5.3)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), plan, async (scheduler, given) => {
      const run = await CountingRun.begin(database, given);
      await run.queue(given.mails);
      let instant = Date.parse(given.base);
      for (const each of given.phases) {
        instant += each.hours * hourMs;
        const offsetMs = instant - Date.now();
        const clock = createDatabase({
          connectionString: `${connectionString}?options=-c%20mailroom.clock_offset%3D${offsetMs}%5C%20milliseconds`,
          maxConnections: 4,
        });
        await run.retry(each.retryEvery);
        await change(run, clock, instant, each);
        const before = await run.figures(instant);
        await race(run, scheduler, offsetMs, each);
        await comeToRest(run, clock);
        await clock.close();
        expect(await run.wrongfullyLeft(instant)).toEqual([]);
        const passing = run.mails.filter(({ override }) => override).length;
        for (const figure of await run.figures(instant)) {
          const { scope, used, counted, hours, limit: most } = figure;
          const was = before.find((one) => one.scope === scope)?.used ?? 0;
          expect({ scope, counted, hours }).toEqual({ scope, counted: used, hours: used });
          // What was used before a limit came down stays used, and a person's overrides go beyond.
          if (most !== null) expect(used).toBeLessThanOrEqual(Math.max(most, was) + passing);
        }
      }
    }),
    { numRuns: 25, endOnFailure: true, interruptAfterTimeLimit: 150_000 },
  );
});
