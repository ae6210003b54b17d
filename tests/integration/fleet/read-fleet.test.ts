import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { schemaNumber } from '#db/migration-state.ts';
import type { Role } from '#lib/access/roles.ts';
import type { Context } from '#lib/context.ts';
import { newId } from '#lib/ids.ts';
import { readChangeToken } from '#lib/overview/read-change-token.ts';
import { readOrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import { beat, markStopped, registerWorker, tidyFleet } from '#lib/queue/fleet.ts';
import { readFleet } from '#lib/queue/read-fleet.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  makeProject,
  type TestOrganization,
  type TestProject,
  testServices,
  userActor,
} from '#tests/support/factories.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
let organization: TestOrganization;

beforeEach(async () => {
  organization = await makeOrganization(database);
  await own('delete from mailroom.workers');
  await own('delete from mailroom.fleet_minutes');
});

function own(text: string, values: readonly unknown[] = []) {
  return asOwner(database, (tx) => tx.query(text, values));
}

async function as(role: Role, projectIds: readonly string[] | null = null): Promise<Context> {
  const user = await makeMember(database, organization, role);
  return contextOf(services, organization, userActor(user, role, projectIds));
}

function enter(host: string, schema = schemaNumber): Promise<string> {
  return registerWorker(database, { host, pid: 7, version: '1.2.3', schemaNumber: schema, jobWorkerIds: [] });
}

function beatOf(workerId: string, sent = 0): Promise<string> {
  return beat(database, {
    workerId,
    lanesHeld: 3,
    sentSinceLast: sent,
    sentPerSecond: sent / 2,
    memoryBytes: 104_857_600,
    schemaNumber,
    jobWorkerIds: [],
  });
}

function hold(project: TestProject, workerId: string) {
  return own(
    `update mailroom.lanes set holder = $2, lease_expires_at = mailroom.now() + interval '8 seconds' where id = $1`,
    [project.laneId, workerId],
  );
}

async function ownProjects(ctx: Context): Promise<readonly string[]> {
  return (await readFleet(ctx)).workers[0]?.ownProjects ?? [];
}

describe('the fleet', () => {
  test('names each worker with what it does, those at work first', async () => {
    const [alive, silent, lost, stopped] = [
      await enter('a'),
      await enter('b'),
      await enter('c'),
      await enter('d'),
    ];
    await beatOf(alive, 40);
    await own(`update mailroom.workers set beat_at = mailroom.now() - interval '6 seconds' where id = $1`, [
      silent,
    ]);
    await own(`update mailroom.workers set beat_at = mailroom.now() - interval '9 seconds' where id = $1`, [
      lost,
    ]);
    await markStopped(database, stopped);
    const { workers, minutes } = await readFleet(await as('operator'));
    expect(workers.map(({ host, state }) => ({ host, state }))).toEqual([
      { host: 'a', state: 'alive' },
      { host: 'b', state: 'silent' },
      { host: 'd', state: 'stopped' },
      { host: 'c', state: 'lost' },
    ]);
    expect(workers[0]).toMatchObject({
      version: '1.2.3',
      isOlder: false,
      lanesHeld: 3,
      sentPerSecond: 20,
      sentCount: 40,
      memoryBytes: 104_857_600,
      endedAt: null,
    });
    expect(minutes).toHaveLength(60);
    expect(minutes.reduce((sum, { sent }) => sum + sent, 0)).toBe(40);
  });

  test('names lanes of the own organization only, to those who may see all of it', async () => {
    const worker = await enter('a');
    await beatOf(worker);
    const [billing, desk] = [
      await makeProject(database, organization),
      await makeProject(database, organization),
    ];
    const stranger = await makeProject(database, await makeOrganization(database));
    for (const project of [billing, desk, stranger]) await hold(project, worker);
    expect(new Set(await ownProjects(await as('owner')))).toEqual(new Set([billing.slug, desk.slug]));
    await expect(readFleet(await as('operator', [desk.id]))).rejects.toMatchObject({ code: 'forbidden' });
    expect((await readFleet(await as('owner'))).workers[0]?.lanesHeld).toBe(3);
  });

  test.each(['auditor', 'viewer'] as const)('is not shown to the role %s', async (role) => {
    await expect(readFleet(await as(role))).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('says which worker knows an older schema', async () => {
    await enter('old', schemaNumber - 1);
    expect((await readFleet(await as('owner'))).workers[0]?.isOlder).toBe(true);
  });
});

describe('a beat', () => {
  test('of a worker that was taken for lost says so', async () => {
    const worker = await enter('a');
    await own('update mailroom.workers set lost_at = mailroom.now() where id = $1', [worker]);
    expect(await beatOf(worker)).toBe('lost');
  });

  test('says when a migration took away what the code needs', async () => {
    const worker = await enter('a');
    await own(
      `insert into mailroom.installation (system_identifier, timeline, restore_marker) values ('1', 1, $1)
       on conflict (singleton) do nothing`,
      [newId()],
    );
    await own('update mailroom.installation set oldest_schema = $1', [schemaNumber]);
    expect(await beatOf(worker)).toBe('alive');
    await own('update mailroom.installation set oldest_schema = $1', [schemaNumber + 1]);
    expect(await beatOf(worker)).toBe('outdated');
    await own('update mailroom.installation set oldest_schema = 0');
  });
});

test('pages hear of a worker that comes, falls silent, is lost and stops', async () => {
  const tokens: string[] = [];
  const look = async () => tokens.push(await readChangeToken(database, organization.id));
  await look();
  const worker = await enter('a');
  await look();
  for (const seconds of [6, 9]) {
    await own(`update mailroom.workers set beat_at = mailroom.now() - $1 * interval '1 second'`, [seconds]);
    await look();
  }
  await own('update mailroom.workers set beat_at = mailroom.now()');
  await look();
  await markStopped(database, worker);
  await look();
  expect(tokens.slice(1).map((token, at) => token !== tokens[at])).toEqual([true, true, true, true, true]);
});

test('the overview says since when no worker is at work', async () => {
  const ctx = await as('viewer');
  expect((await readOrganizationOverview(ctx)).workers).toEqual({
    answering: 0,
    slowestBeatMs: null,
    lastAt: null,
  });
  const worker = await enter('a');
  await markStopped(database, worker);
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ stopped_at: Date }>('select stopped_at from mailroom.workers'),
  );
  expect((await readOrganizationOverview(ctx)).workers).toMatchObject({
    answering: 0,
    lastAt: rows[0]?.stopped_at,
  });
});

test('workers of last week and minutes of yesterday are forgotten', async () => {
  const [old, recent] = [await enter('old'), await enter('recent')];
  await own(`update mailroom.workers set lost_at = mailroom.now() - interval '8 days' where id = $1`, [old]);
  await own(`update mailroom.workers set lost_at = mailroom.now() - interval '6 days' where id = $1`, [
    recent,
  ]);
  await own(
    `insert into mailroom.fleet_minutes (minute, worker_id, sent) values
       (mailroom.now() - interval '25 hours', $1, 1), (mailroom.now() - interval '23 hours', $1, 2)`,
    [recent],
  );
  await tidyFleet(database);
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ id: string; sent: number }>(
      'select w.id, m.sent from mailroom.workers w join mailroom.fleet_minutes m on m.worker_id = w.id',
    ),
  );
  expect(rows).toEqual([{ id: recent, sent: 2 }]);
});
