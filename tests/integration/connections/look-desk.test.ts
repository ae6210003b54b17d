import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { type RunningWorker, runWorker } from '#lib/queue/run-worker.ts';
import { wakeLane } from '#lib/queue/wake-lane.ts';
import { createKeyring } from '#lib/secrets/keyring.ts';
import { buildTransport } from '#lib/transports/build-transport.ts';
import { mailbox } from '#tests/integration/oauth/oauth-scene.ts';
import { queueMails, waitForStates } from '#tests/integration/queue/queue-scene.ts';
import { startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  type TestOrganization,
  type TestProject,
  testKeys,
  testServices,
} from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { ewsInput, ewsUsers, save } from './connection-scene.ts';

const db = await createTestDatabase();
const { database } = db;
const services = testServices(database, { keyring: createKeyring(testKeys) });
const keep = closeAfterEach();
const aLongTime = { withinMs: 60_000 };

let organization: TestOrganization;
let project: TestProject;
let ctx: Context;
beforeEach(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
});

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** A look that is begun and ends when it is let. */
function heldLook() {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const pause = async (_ms: number, signal: AbortSignal): Promise<void> => {
    begun.resolve();
    signal.addEventListener('abort', () => ended.resolve(), { once: true });
    await ended.promise;
  };
  return { begun: begun.promise, end: () => ended.resolve(), pause };
}

async function work(pause: (ms: number, signal: AbortSignal) => Promise<void>): Promise<RunningWorker> {
  const worker = await runWorker(services, {
    buildTransport: (options) =>
      buildTransport(options.protocol === 'ews' ? { ...options, lookUpPausesMs: [1], pause } : options),
  });
  stops.push(() => worker.stop());
  return worker;
}

/** One mail whose first try has lost its answer; the server does not have it. */
async function queueInDoubt(): Promise<void> {
  const server = keep(
    await startEwsSimulator({
      users: ewsUsers,
      maySendAs: [mailbox],
      react: (operation, count) =>
        operation === 'CreateItem' && count === 1 ? { kind: 'reset', send: false } : null,
    }),
  );
  await save(ctx, project, ewsInput(server));
  await queueMails(database, { organization, project }, 1);
}

async function dueInMs(): Promise<{ due: string; ms: number }> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ due: string; ms: number }>(
      `select due_at::text as due, extract(epoch from due_at - mailroom.now())::float8 * 1000 as ms
       from mailroom.queue_entries where project_id = $1`,
      [project.id],
    ),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the mail is not in the queue');
  return row;
}

interface HeldLock {
  readonly isWaitedFor: () => Promise<boolean>;
  readonly letGo: () => Promise<void>;
}

/** A session that holds an advisory lock until it is told to let go. */
async function holdLock(key: number): Promise<HeldLock> {
  const client = new pg.Client({ connectionString: db.connectionString });
  await client.connect();
  await client.query('select pg_advisory_lock($1)', [key]);
  let isOpen = true;
  const letGo = async (): Promise<void> => {
    if (isOpen) await client.end();
    isOpen = false;
  };
  stops.push(letGo);
  return {
    letGo,
    isWaitedFor: async () => {
      const { rowCount } = await client.query(
        `select from pg_locks where locktype = 'advisory' and objid = $1 and not granted
           and database = (select oid from pg_database where datname = current_database())`,
        [key],
      );
      return rowCount === 1;
    },
  };
}

test('a mail that a claim has read before it was put off is looked for all the same, and put off once', async () => {
  // The second claim that finds the mail stands still with what it has read; so does the put-off, until that has read.
  const claim = await holdLock(77);
  const putOff = await holdLock(78);
  await asOwner(database, (tx) =>
    tx.query(`
      create sequence mailroom.claims_seen;
      grant usage on sequence mailroom.claims_seen to mailroom_worker;
      create or replace function mailroom.tried_ms(
        waited_ms bigint, waited_from timestamptz, halted_from_ms bigint, due_at timestamptz, project uuid
      ) returns bigint language plpgsql volatile as $$
      begin
        if nextval('mailroom.claims_seen') = 2 then perform pg_advisory_xact_lock_shared(77); end if;
        return waited_ms;
      end $$;
      create function mailroom.wait_for_claim() returns trigger language plpgsql as $$
      begin perform pg_advisory_xact_lock_shared(78); return new; end $$;
      create trigger wait_for_claim before update of due_at on mailroom.queue_entries for each row
        when (new.due_at > old.due_at + interval '1 minute') execute function mailroom.wait_for_claim()`),
  );
  const look = heldLook();
  await queueInDoubt();
  await work(look.pause);
  await waitUntil('the put-off under way', putOff.isWaitedFor, aLongTime);
  wakeLane(database, project.laneId);
  await waitUntil('a claim that has read the mail', claim.isWaitedFor, aLongTime);
  await putOff.letGo();
  await look.begun;
  const before = await dueInMs();
  expect(before.ms).toBeGreaterThan(30_000);
  await claim.letGo();
  await waitUntil('the lane given back', async () => !(await isHeld()), aLongTime);
  expect((await dueInMs()).due).toBe(before.due);
  look.end();
  await waitForStates(database, { organization, project }, { sent: 1 });
});

test('a database that does not take the answer of a look hears it again', async () => {
  await asOwner(database, (tx) =>
    tx.query(`
      create sequence mailroom.refusals;
      grant usage on sequence mailroom.refusals to mailroom_worker;
      create function mailroom.refuse_twice() returns trigger language plpgsql as $$
      begin
        if nextval('mailroom.refusals') <= 2 then raise exception 'not now'; end if;
        return new;
      end $$;
      create trigger refuse_twice before update of due_at on mailroom.queue_entries for each row
        when (new.due_at < old.due_at - interval '1 minute') execute function mailroom.refuse_twice()`),
  );
  await queueInDoubt();
  await work(() => Promise.resolve());
  await waitForStates(database, { organization, project }, { sent: 1 });
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ last_value: number }>('select last_value::int from mailroom.refusals'),
  );
  expect(rows[0]?.last_value).toBe(3);
});

test('a worker that stops in mid-look leaves the mail due at once', async () => {
  const look = heldLook();
  await queueInDoubt();
  const worker = await work(look.pause);
  await look.begun;
  expect((await dueInMs()).ms).toBeGreaterThan(30_000);
  await worker.stop();
  expect((await dueInMs()).ms).toBeLessThanOrEqual(0);
  await work(() => Promise.resolve());
  await waitForStates(database, { organization, project }, { sent: 1 });
});

test('a worker whose time to finish ends in the last look leaves that to the next one', async () => {
  const look = heldLook();
  const server = keep(
    await startEwsSimulator({
      users: ewsUsers,
      maySendAs: [mailbox],
      react: (operation) => (operation === 'CreateItem' ? { kind: 'reset', send: true } : null),
    }),
  );
  await save(ctx, project, ewsInput(server, { uncertain: 'resend_at_once' }));
  const [id] = await queueMails(database, { organization, project }, 1);
  await asOwner(database, (tx) =>
    tx.query('update mailroom.messages set uncertain_count = 2, attempt_count = 2 where id = $1', [id]),
  );
  const worker = await work(look.pause);
  await look.begun;
  worker.hurry();
  await worker.stop();
  const { rows } = await asOwner(database, (tx) =>
    tx.query('select state, state_reason from mailroom.messages where id = $1', [id]),
  );
  expect(rows).toEqual([{ state: 'retrying', state_reason: 'LOOKED_FOR_LAST' }]);
  await work(() => Promise.resolve());
  await waitForStates(database, { organization, project }, { sent: 1 });
  expect(server.mails).toHaveLength(1);
});

async function isHeld(): Promise<boolean> {
  const { rowCount } = await asOwner(database, (tx) =>
    tx.query('select from mailroom.lanes where id = $1 and holder is not null', [project.laneId]),
  );
  return rowCount === 1;
}
