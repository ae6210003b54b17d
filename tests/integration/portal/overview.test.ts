import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { newId } from '#lib/ids.ts';
import { archiveProject } from '#lib/organizations/archive-project.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { readChangeToken } from '#lib/overview/read-change-token.ts';
import { readOrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
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
import { smtpInput } from '../settings/smtp-input.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database, { name: 'Northwind', timeZone: 'Europe/Lisbon' });
  project = await makeProject(database, organization, { name: 'Billing' });
  ctx = contextOf(services, organization);
});

function change(text: string, values: readonly unknown[]) {
  return asOwner(database, (tx) => tx.query(text, values));
}

async function overviewOfProject(reader: Context = ctx): Promise<ProjectOverview> {
  const { projects } = await readOrganizationOverview(reader);
  const found = projects.find(({ id }) => id === project.id);
  if (found === undefined) throw new Error('the project is not in the overview');
  return found;
}

function setUp() {
  return saveMailSettings(ctx, { project: project.id, expectedVersion: null, input: smtpInput() });
}

function queue(dueIn: string) {
  return change(
    `insert into mailroom.queue_entries (message_id, organization_id, project_id, priority, due_at)
     values ($1, $2, $3, 1, mailroom.now() + $4::interval)`,
    [newId(), organization.id, project.id, dueIn],
  );
}

describe('the state at a glance', () => {
  test('follows settings, pause, stop, wait, alternate and archive', async () => {
    expect((await overviewOfProject()).state).toBe('not_set_up');
    await setUp();
    expect((await overviewOfProject()).state).toBe('idle');
    await queue('-5 minutes');
    expect((await overviewOfProject()).state).toBe('sending');
    await change(
      `update mailroom.lanes set active_endpoint = 'alternate', alternate_since = mailroom.now(),
       alternate_reason = 'CONNECT_TIMEOUT' where id = $1`,
      [project.laneId],
    );
    expect(await overviewOfProject()).toMatchObject({
      state: 'on_alternate',
      alternate: { reason: 'CONNECT_TIMEOUT' },
    });
    await change(
      `update mailroom.lanes set wait_kind = 'throttled', wait_since = mailroom.now(),
       wait_until = mailroom.now() + interval '1 minute' where id = $1`,
      [project.laneId],
    );
    expect((await overviewOfProject()).state).toBe('throttled');
    await pauseSending(ctx, { project: project.id });
    expect(await overviewOfProject()).toMatchObject({ state: 'paused', paused: { reason: 'by_hand' } });
    await change(
      `update mailroom.lanes set stopped_at = mailroom.now(), stop_code = 'SMTP_AUTH_REFUSED',
       stop_stage = 'authenticate', stop_reply = '535 5.7.8 no' where id = $1`,
      [project.laneId],
    );
    expect(await overviewOfProject()).toMatchObject({
      state: 'stopped',
      stop: { code: 'SMTP_AUTH_REFUSED', reply: '535 5.7.8 no' },
    });
    await archiveProject(ctx, { project: project.id });
    expect((await overviewOfProject()).state).toBe('archived');
  });

  test('a wait that is over holds nothing', async () => {
    await setUp();
    await change(
      `update mailroom.lanes set wait_kind = 'unreachable', wait_since = mailroom.now() - interval '1 hour',
       wait_until = mailroom.now() - interval '1 second' where id = $1`,
      [project.laneId],
    );
    expect(await overviewOfProject()).toMatchObject({ state: 'idle', wait: null });
  });
});

describe('figures', () => {
  test('count what waits, and how long the oldest due mail does', async () => {
    await queue('-20 minutes');
    await queue('-5 minutes');
    await queue('2 days');
    const { waiting, oldestWaitingAt } = await overviewOfProject();
    expect(waiting).toBe(3);
    const { now } = await readOrganizationOverview(ctx);
    expect(Math.round((now.getTime() - (oldestWaitingAt?.getTime() ?? 0)) / 60_000)).toBe(20);
  });

  test('a mail for later is not the oldest waiting', async () => {
    await queue('2 days');
    expect(await overviewOfProject()).toMatchObject({ waiting: 1, oldestWaitingAt: null });
  });

  test('sum the slots of an hour, and leave yesterday out of today', async () => {
    const insert = `insert into mailroom.delivery_counters (organization_id, project_id, hour, slot, sent, failed, expired)
      select $1, $2, date_trunc('hour', $3::timestamptz), slot, 10, 1, 2 from generate_series(0, 2) slot`;
    const { now } = await readOrganizationOverview(ctx);
    await change(insert, [organization.id, project.id, now]);
    await change(insert, [organization.id, project.id, new Date(now.getTime() - 26 * 3_600_000)]);
    const overview = await overviewOfProject();
    expect(overview).toMatchObject({ sentToday: 30, failedToday: 9 });
    expect(overview.hours).toHaveLength(24);
    expect(overview.hours.at(-1)).toMatchObject({ sent: 30, failed: 9 });
    expect(overview.hours.slice(0, -1).every(({ sent }) => sent === 0)).toBe(true);
  });

  test('say how many workers answer', async () => {
    await change(
      `insert into mailroom.workers (id, host, pid, version, beat_at, stopped_at) values
        ($1, 'a', 1, '1', mailroom.now() - interval '2 seconds', null),
        ($2, 'b', 2, '1', mailroom.now() - interval '20 seconds', null),
        ($3, 'c', 3, '1', mailroom.now(), mailroom.now())`,
      [newId(), newId(), newId()],
    );
    const { workers } = await readOrganizationOverview(ctx);
    expect(workers.answering).toBe(1);
    expect(workers.slowestBeatMs).toBeGreaterThanOrEqual(2000);
  });
});

describe('who sees what', () => {
  test('a member of some projects sees those alone', async () => {
    const other = await makeProject(database, organization);
    const member = await makeMember(database, organization, 'operator', { projectIds: [other.id] });
    const reader = contextOf(services, organization, userActor(member, 'operator', [other.id]));
    const { projects } = await readOrganizationOverview(reader);
    expect(projects.map(({ id }) => id)).toEqual([other.id]);
  });

  test('another organization sees nothing of it', async () => {
    await queue('-1 minute');
    const stranger = contextOf(services, await makeOrganization(database));
    expect((await readOrganizationOverview(stranger)).projects).toEqual([]);
  });

  test('a key is no reader of the organization', async () => {
    const reader = contextOf(services, organization, {
      kind: 'key',
      keyId: newId(),
      label: 'key',
      projectId: project.id,
      scopes: ['read'],
    });
    await expect(readOrganizationOverview(reader)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

const token = () => readChangeToken(database, organization.id);

describe('the change token', () => {
  test('stays while nothing happens, and when another organization changes', async () => {
    const before = await token();
    const elsewhere = await makeOrganization(database);
    const theirs = await makeProject(database, elsewhere);
    await pauseSending(contextOf(services, elsewhere), { project: theirs.id });
    expect(await token()).toBe(before);
  });

  test('is another one after an outcome, a wake, a stop and a change by a person', async () => {
    const seen = [await token()];
    await change(
      `insert into mailroom.delivery_counters (organization_id, project_id, hour, slot, sent)
       values ($1, $2, date_trunc('hour', mailroom.now()), 0, 1)`,
      [organization.id, project.id],
    );
    seen.push(await token());
    await change('update mailroom.lanes set wake_seq = wake_seq + 1 where id = $1', [project.laneId]);
    seen.push(await token());
    await change('update mailroom.lanes set stopped_at = mailroom.now() where id = $1', [project.laneId]);
    seen.push(await token());
    await pauseSending(ctx, { project: project.id });
    seen.push(await token());
    expect(new Set(seen).size).toBe(5);
  });
});
