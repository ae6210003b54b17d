import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Role } from '#lib/access/roles.ts';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import type { Context } from '#lib/context.ts';
import { checkInstallation } from '#lib/queue/installation.ts';
import { reconnectToPrimary } from '#lib/queue/reconnect-to-primary.ts';
import { resumeFleet } from '#lib/queue/resume-fleet.ts';
import { tryLaneAgain } from '#lib/queue/try-lane-again.ts';
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
let project: TestProject;

beforeEach(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
});

async function as(role: Role): Promise<Context> {
  return contextOf(services, organization, userActor(await makeMember(database, organization, role), role));
}

async function lane(): Promise<Record<string, unknown>> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<Record<string, unknown>>('select * from mailroom.lanes where id = $1', [project.laneId]),
  );
  return rows[0] ?? {};
}

function setLane(assignments: string) {
  return asOwner(database, (tx) =>
    tx.query(`update mailroom.lanes set ${assignments} where id = $1`, [project.laneId]),
  );
}

async function actions(): Promise<string[]> {
  const { entries } = await listAuditEntries(contextOf(services, organization), { limit: 5 });
  return entries.map(({ action }) => action);
}

describe('trying a lane again', () => {
  const stopped = `stopped_at = mailroom.now(), stop_code = 'SMTP_AUTH_REFUSED', stop_stage = 'authenticate',
    stop_reply = '535'`;

  test('lifts a stop, once in the history', async () => {
    await setLane(stopped);
    const ctx = await as('operator');
    expect(await tryLaneAgain(ctx, { project: project.slug })).toEqual({ laneId: project.laneId });
    expect(await lane()).toMatchObject({
      stopped_at: null,
      stop_code: null,
      stop_reply: null,
    });
    await tryLaneAgain(ctx, { project: project.slug });
    expect(await actions()).toEqual(['lane.tried_again']);
  });

  test('ends a wait', async () => {
    await setLane(`wait_kind = 'unreachable', wait_until = mailroom.now() + interval '5 minutes'`);
    await tryLaneAgain(await as('owner'), { project: project.id });
    expect(await lane()).toMatchObject({ wait_kind: null, wait_until: null });
  });

  test('is refused to a viewer and to another organization', async () => {
    await setLane(stopped);
    await expect(tryLaneAgain(await as('viewer'), { project: project.id })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const stranger = contextOf(services, await makeOrganization(database));
    await expect(tryLaneAgain(stranger, { project: project.id })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await lane())['stopped_at']).not.toBeNull();
  });
});

describe('reconnecting to the primary', () => {
  test('leaves the alternate, once in the history', async () => {
    await setLane(
      `active_endpoint = 'alternate', alternate_since = mailroom.now(), alternate_reason = 'CONNECT_TIMEOUT'`,
    );
    const ctx = await as('operator');
    await reconnectToPrimary(ctx, { project: project.id });
    expect(await lane()).toMatchObject({
      active_endpoint: 'primary',
      alternate_since: null,
      alternate_reason: null,
    });
    await reconnectToPrimary(ctx, { project: project.id });
    expect(await actions()).toEqual(['lane.reconnected_to_primary']);
  });

  test('is refused to an auditor', async () => {
    await setLane(`active_endpoint = 'alternate'`);
    await expect(reconnectToPrimary(await as('auditor'), { project: project.id })).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect((await lane())['active_endpoint']).toBe('alternate');
  });
});

async function restoreElsewhere(): Promise<void> {
  await checkInstallation(database);
  await asOwner(database, (tx) => tx.query(`update mailroom.installation set system_identifier = 'another'`));
  expect(await checkInstallation(database)).toEqual({ stopped: 'database_changed' });
}

describe('resuming the fleet after a restore', () => {
  test('makes this cluster the known one, so that the next check stops nothing', async () => {
    await restoreElsewhere();
    await resumeFleet(await as('administrator'));
    expect(await checkInstallation(database)).toEqual({ stopped: null });
    expect(await actions()).toEqual(['fleet.resumed']);
  });

  test('is refused to an operator of the organization', async () => {
    await restoreElsewhere();
    const ctx = await as('operator');
    await expect(async () => resumeFleet(ctx)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await checkInstallation(database)).toEqual({ stopped: 'database_changed' });
  });
});
