import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { asOwner, createDatabase, type Database } from '#db/client.ts';
import { createKey } from '#lib/keys/create-key.ts';
import { Endings } from '#tests/faults/support/endings.ts';
import {
  administer,
  cloneDatabase,
  startFaultPostgres,
  type FaultPostgres,
} from '#tests/faults/support/postgres.ts';
import { contextOf, makeOrganization, makeProject, testServices } from '#tests/support/factories.ts';
import { endWithFile } from '#tests/support/file-endings.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { Answer } from '../api/client.ts';
import { openPortal, type OpenedPortal } from '../api/open-portal.ts';

const connections = 4;
const endings = new Endings();
endWithFile(() => endings.run());
let server: FaultPostgres;
let address = '';
let database: Database;
/** Of the portal itself. */
let portal: Database;
let api: OpenedPortal['api'];
let path = '';
let token = '';
let projectId = '';

beforeAll(async () => {
  const home = await mkdtemp(join(tmpdir(), 'mailroom-accept-'));
  await chmod(home, 0o711);
  endings.add(() => rm(home, { recursive: true, force: true }));
  server = await startFaultPostgres(home, endings);
  address = await cloneDatabase(server);
  database = createDatabase({ connectionString: address, maxConnections: 3 });
  endings.add(() => database.close());
  const opened = openPortal(address, { MAILROOM_DATABASE_CONNECTIONS: String(connections) });
  portal = opened.services.database;
  api = opened.api;
  const organization = await makeOrganization(database);
  const project = await makeProject(database, organization);
  projectId = project.id;
  path = `/projects/${project.slug}/messages`;
  const key = await createKey(contextOf(testServices(database), organization), {
    project: project.slug,
    name: 'test',
    scopes: ['send', 'read'],
  });
  ({ token } = key);
});

const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };
const accepted = z.object({ id: z.string() });
const problem = z.object({ code: z.string(), detail: z.string() });

function accept(key: string): Promise<Answer> {
  return api.post(path, { token, body: letter, headers: { 'idempotency-key': key } });
}

function readIds() {
  return asOwner(database, (tx) =>
    tx.query<{ id: string }>('select id from mailroom.messages where project_id = $1', [projectId]),
  );
}

/** What is stored. Connections that were cut are noticed one by one: it is read until one of them answers. */
async function storedIds(): Promise<ReadonlySet<string>> {
  const { rows } = await waitUntil('an answer of the database', () => readIds().catch(() => undefined));
  return new Set(rows.map(({ id }) => id));
}

function expectRefused(answer: Answer, sentence: string): void {
  expect(answer.status).toBe(503);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(problem.parse(answer.body)).toMatchObject({ code: 'unavailable' });
  expect(problem.parse(answer.body).detail).toContain(sentence);
}

/** One caller as it should be: the same key until it is accepted. */
async function callUntilAccepted(key: string, statuses: Map<number, number>): Promise<string> {
  for (;;) {
    const answer = await accept(key);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 202) return accepted.parse(answer.body).id;
    await pause(20);
  }
}

test(
  'through crashes and cuts every accepted mail is there, each key once, and no answer is a 500',
  { timeout: 180_000 },
  async () => {
    const statuses = new Map<number, number>();
    const answers = new Map<string, string>();
    const over = new AbortController();
    let next = 0;
    const caller = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const key = `storm-${(next += 1)}`;
        answers.set(key, await callUntilAccepted(key, statuses));
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    for (let round = 0; round < 3; round += 1) {
      await pause(300);
      await server.crash();
      await pause(300);
      await server.start();
      await pause(300);
      await administer(
        server,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(address).pathname.slice(1)}'`,
      );
    }
    await pause(300);
    over.abort();
    await Promise.all(callers);

    expect(new Set(statuses.keys())).toEqual(new Set([202, 503]));
    expect(answers.size).toBe(next);
    const stored = await storedIds();
    // One mail for each key, neither lost nor twice: commits that were not answered are found by their keys.
    expect(stored).toEqual(new Set(answers.values()));
    const again = await accept('storm-1');
    expect(accepted.parse(again.body).id).toBe(answers.get('storm-1'));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  },
);

test('a standby takes no mail and says so; nothing of it is stored', async () => {
  const before = await storedIds();
  const name = new URL(address).pathname.slice(1);
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`;
  await administer(server, `alter database ${name} set default_transaction_read_only = on`);
  await administer(server, cut);
  const refusal = await waitUntil('an answer over a new connection', async () => {
    const answer = await accept('standby');
    return problem.safeParse(answer.body).data?.detail.includes('read-only') === true && answer;
  });
  expectRefused(refusal, 'it is read-only');
  await administer(server, `alter database ${name} reset default_transaction_read_only`);
  await administer(server, cut);
  const statuses = new Map<number, number>();
  const id = await callUntilAccepted('standby', statuses);
  const after = await storedIds();
  expect(after.size).toBe(before.size + 1);
  expect(after.has(id)).toBe(true);
});

test('a full disk refuses the mail, whole', async () => {
  const before = await storedIds();
  // As Postgres says it where a file cannot grow: in the middle of the statement that stores the mail.
  await asOwner(database, async (tx) => {
    await tx.query(`create function public.no_space() returns trigger language plpgsql as $$
      begin raise exception 'could not extend file' using errcode = '53100'; end $$`);
    await tx.query(
      'create trigger no_space before insert on mailroom.recipients for each row execute function public.no_space()',
    );
  });
  try {
    expectRefused(await accept('full'), 'The disk of the database is full.');
  } finally {
    await asOwner(database, (tx) => tx.query('drop function public.no_space() cascade'));
  }
  expect(await storedIds()).toEqual(before);
  expect((await accept('full')).status).toBe(202);
});

test('with every connection taken a call waits for a while only', async () => {
  const { pool } = portal;
  const taken = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  try {
    expectRefused(await accept('taken'), 'The database is busy.');
  } finally {
    for (const client of taken) client.release();
  }
  expect((await accept('taken')).status).toBe(202);
});
