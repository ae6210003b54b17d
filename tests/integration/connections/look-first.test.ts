import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { decideUncertainMessages } from '#lib/messages/decide-uncertain-messages.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { buildTransport, type TransportOptions } from '#lib/transports/build-transport.ts';
import { startWorkerProcess } from '#tests/faults/worker-process.ts';
import { authority, mailbox, makeIssuer } from '#tests/integration/oauth/oauth-scene.ts';
import { queueMails, waitForStates } from '#tests/integration/queue/queue-scene.ts';
import { faultAt } from '#tests/integration/transports/graph/scene.ts';
import type { EwsSimulatorOptions } from '#tests/servers/ews/simulator.ts';
import { startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
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
import { createKeyring } from '#lib/secrets/keyring.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import {
  consent,
  countedMails,
  ewsInput,
  ewsUsers,
  graphInput,
  graphReader,
  save,
  storedAttempts,
} from './connection-scene.ts';

const db = await createTestDatabase();
const { database } = db;
const services = testServices(database, { keyring: createKeyring(testKeys) });
const keep = closeAfterEach();

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
  for (const stop of stops.splice(0)) await stop();
});

/** A worker in this process whose looks do not pause. */
async function work(): Promise<void> {
  const worker = await runWorker(services, { buildTransport: (options) => buildTransport(hurried(options)) });
  stops.push(() => worker.stop());
}

function hurried(options: TransportOptions): TransportOptions {
  if (options.protocol === 'ews') return { ...options, lookUpPausesMs: [0] };
  return options.protocol === 'graph' ? { ...options, wait: () => Promise.resolve() } : options;
}

async function exchange(react: EwsSimulatorOptions['react']) {
  return keep(await startEwsSimulator({ users: ewsUsers, maySendAs: [mailbox], react }));
}

async function graph() {
  const issuer = keep(await makeIssuer('microsoft'));
  const server = keep(
    await startGraphServer({ authority, mailboxes: [mailbox], readToken: graphReader(issuer) }),
  );
  return { issuer, server };
}

describe('after a lost answer (PRODUCT 4.8)', () => {
  test('a mail that Exchange has is settled as sent, and nothing leaves twice', async () => {
    const server = await exchange((operation, count) =>
      operation === 'CreateItem' && count === 1 ? { kind: 'reset', send: true } : null,
    );
    await save(ctx, project, ewsInput(server));
    await queueMails(database, { organization, project }, 1);
    await work();
    await waitForStates(database, { organization, project }, { sent: 1 });
    expect(server.mails).toHaveLength(1);
    expect(await storedAttempts(database, project.id)).toMatchObject([
      { outcome: 'uncertain', repeat: false },
      { outcome: 'accepted', code: 'FOUND_SENT', repeat: false },
    ]);
    expect(await countedMails(database, project.id)).toEqual({ counted: 1, repeats: 0 });
  });

  test('a mail that Exchange does not have is sent again, as a repeat', async () => {
    const server = await exchange((operation, count) =>
      operation === 'CreateItem' && count === 1 ? { kind: 'reset', send: false } : null,
    );
    await save(ctx, project, ewsInput(server));
    const [id] = await queueMails(database, { organization, project }, 1);
    await work();
    await waitForStates(database, { organization, project }, { sent: 1 });
    expect(server.mails.map(({ messageId }) => messageId)).toEqual([`<${id}@test>`]);
    expect(await storedAttempts(database, project.id)).toMatchObject([
      { outcome: 'uncertain', repeat: false },
      { outcome: 'accepted', code: null, repeat: true },
    ]);
    expect(await countedMails(database, project.id)).toEqual({ counted: 1, repeats: 1 });
  });

  test('where the look fails it is sent again, and after two repeats a person decides', async () => {
    const server = await exchange((operation) => {
      if (operation === 'FindItem') return { kind: 'status', status: 500 };
      return operation === 'CreateItem' ? { kind: 'reset', send: false } : null;
    });
    await save(ctx, project, ewsInput(server));
    await queueMails(database, { organization, project }, 1);
    await work();
    await waitForStates(database, { organization, project }, { uncertain: 1 });
    const attempts = await storedAttempts(database, project.id);
    expect(attempts.map(({ outcome, repeat }) => ({ outcome, repeat }))).toEqual([
      { outcome: 'uncertain', repeat: false },
      { outcome: 'uncertain', repeat: true },
      { outcome: 'uncertain', repeat: true },
    ]);
  });

  test('the part of a split is not taken for the other part', async () => {
    const server = await exchange((operation, count) =>
      operation === 'CreateItem' && count === 2 ? { kind: 'reset', send: false } : null,
    );
    await save(ctx, project, ewsInput(server));
    const ids = await queueMails(database, { organization, project }, 2);
    await shareMessageId(ids);
    await work();
    await waitForStates(database, { organization, project }, { sent: 2 });
    expect(server.mails).toHaveLength(2);
  });

  test('by the choice "hold" nothing is looked for', async () => {
    const server = await exchange((operation) =>
      operation === 'CreateItem' ? { kind: 'reset', send: true } : null,
    );
    await save(ctx, project, ewsInput(server, { uncertain: 'hold' }));
    await queueMails(database, { organization, project }, 1);
    await work();
    await waitForStates(database, { organization, project }, { uncertain: 1 });
    expect(server.requests.filter(({ operation }) => operation === 'FindItem')).toEqual([]);
  });

  test('a mail that Graph has sent is found, and other mails of the lane leave meanwhile', async () => {
    const { issuer, server } = await graph();
    server.switches.faults.push(faultAt(/sendMail$/, { kind: 'answer', status: 504 }, true));
    await save(ctx, project, graphInput(server, issuer));
    await consent(ctx, project);
    await queueMails(database, { organization, project }, 12);
    await work();
    await waitForStates(database, { organization, project }, { sent: 12 });
    expect(server.deliveries).toHaveLength(12);
    const attempts = await storedAttempts(database, project.id);
    expect(attempts.filter(({ code }) => code === 'FOUND_SENT')).toHaveLength(1);
    expect(attempts.every(({ repeat }) => !repeat)).toBe(true);
    expect(server.requests.filter((line) => line.endsWith(' 429'))).toEqual([]);
  });
});

describe('after a kill -9 between hand-over and settling (PRODUCT 4.8)', () => {
  const environment = { MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8,::1' };

  test('Exchange holds exactly one copy', async () => {
    const server = await exchange((operation, count) =>
      operation === 'CreateItem' && count === 1 ? { kind: 'stall', send: true } : null,
    );
    await save(ctx, project, ewsInput(server));
    await queueMails(database, { organization, project }, 1);
    const first = await startWorkerProcess(db, environment);
    await waitUntil('the mail handed over', () => server.mails.length === 1);
    first.signal('SIGKILL');
    await first.exited;
    const second = await startWorkerProcess(db, environment);
    await waitForStates(database, { organization, project }, { sent: 1 });
    await second.stop(10_000);
    expect(server.mails).toHaveLength(1);
    expect(await storedAttempts(database, project.id)).toMatchObject([
      { outcome: 'uncertain', code: 'WORKER_LOST' },
      { outcome: 'accepted', code: 'FOUND_SENT', repeat: false },
    ]);
  });

  test('Graph holds exactly one copy', async () => {
    const { issuer, server } = await graph();
    server.switches.faults.push(faultAt(/sendMail$/, { kind: 'hang' }, true));
    await save(ctx, project, graphInput(server, issuer));
    await consent(ctx, project);
    await queueMails(database, { organization, project }, 1);
    const first = await startWorkerProcess(db, environment);
    await waitUntil('the mail handed over', () => server.deliveries.length === 1);
    first.signal('SIGKILL');
    await first.exited;
    const second = await startWorkerProcess(db, environment);
    await waitForStates(database, { organization, project }, { sent: 1 });
    await second.stop(10_000);
    expect(server.deliveries).toHaveLength(1);
  });
});

describe('a worker lost at the third doubt (PRODUCT 4.8)', () => {
  test('a copy that Graph has is found, and the mail is sent', async () => {
    const { issuer, server } = await graph();
    server.switches.faults.push(faultAt(/sendMail$/, { kind: 'hang' }, true));
    // Without a look before the third try, so that it is the last one that finds it.
    await save(ctx, project, graphInput(server, issuer, { uncertain: 'resend_at_once' }));
    await consent(ctx, project);
    const [id] = await queueMails(database, { organization, project }, 1);
    await doubtTwice(id);
    const environment = { MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8,::1' };
    const first = await startWorkerProcess(db, environment);
    await waitUntil('the mail handed over', () => server.deliveries.length === 1, { withinMs: 120_000 });
    first.signal('SIGKILL');
    await first.exited;
    const second = await startWorkerProcess(db, environment);
    await waitForStates(database, { organization, project }, { sent: 1 });
    await second.stop(10_000);
    expect(server.deliveries).toHaveLength(1);
    expect(await storedAttempts(database, project.id)).toMatchObject([
      { outcome: 'uncertain', code: 'WORKER_LOST' },
      { outcome: 'accepted', code: 'FOUND_SENT', repeat: false },
    ]);
  });

  test.each([
    ['its repeats are spent', 0, 'REPEATS_SPENT'],
    ['it ended three workers', 2, 'MAIL_CRASHES_WORKER'],
  ])(
    'one that Graph does not have is left to a person and not sent again: %s',
    async (_what, crashCount, reason) => {
      const { issuer, server } = await graph();
      await save(ctx, project, graphInput(server, issuer));
      await consent(ctx, project);
      const [id] = await queueMails(database, { organization, project }, 1);
      await strand(id, { crashCount });
      await work();
      await waitForStates(database, { organization, project }, { uncertain: 1 });
      expect(server.requests.some((line) => /^GET .*\/messages/.test(line))).toBe(true);
      expect(server.deliveries).toEqual([]);
      const { rows } = await asOwner(database, (tx) =>
        tx.query<{ state_reason: string }>('select state_reason from mailroom.messages where id = $1', [id]),
      );
      expect(rows[0]?.state_reason).toBe(reason);
      expect(await storedAttempts(database, project.id)).toMatchObject([{ outcome: 'uncertain' }]);
      // A person may send it once more all the same; it is looked for first, as ever.
      await decideUncertainMessages(ctx, { project: project.slug, ids: [id ?? ''], as: 'send_again' });
      await waitForStates(database, { organization, project }, { sent: 1 });
      expect(server.deliveries).toHaveLength(1);
    },
  );
});

/** As it lies after two doubts: one more, and it may not be sent again. */
async function doubtTwice(id: string | undefined): Promise<void> {
  await asOwner(database, (tx) =>
    tx.query('update mailroom.messages set uncertain_count = 2, attempt_count = 2 where id = $1', [id]),
  );
}

/** Leaves the mail as a worker that died with its `started` mark does. */
async function strand(id: string | undefined, changes: { readonly crashCount: number }): Promise<void> {
  await doubtTwice(id);
  await asOwner(database, (tx) =>
    tx.query(
      `with lost as (
         insert into mailroom.workers (id, host, pid, version, lost_at)
         values (gen_random_uuid(), 'gone', 1, '', mailroom.now()) returning id
       )
       update mailroom.queue_entries q set attempt_id = gen_random_uuid(), attempt_started_at = mailroom.now(),
         worker_id = lost.id, generation = 1, settings_version = p.settings_version, crash_count = $2,
         counted_at = mailroom.now()
       from lost, mailroom.projects p where q.message_id = $1 and p.id = q.project_id`,
      [id, changes.crashCount],
    ),
  );
}

async function shareMessageId(ids: readonly string[]): Promise<void> {
  await asOwner(database, async (tx) => {
    await tx.query(
      `update mailroom.messages set internet_message_id = '<shared@test>' where id = any ($1::uuid[])`,
      [ids],
    );
    await tx.query(
      `insert into mailroom.message_search (message_id, organization_id, project_id, internet_message_id, subject, tags, metadata)
       select id, organization_id, project_id, internet_message_id, ''::tsvector, '{}', '{}' from mailroom.messages where id = any ($1::uuid[])`,
      [ids],
    );
  });
}
