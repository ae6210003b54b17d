import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { newId } from '#lib/ids.ts';
import { saveAutoResume } from '#lib/limits/save-auto-resume.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { readChangeToken } from '#lib/overview/read-change-token.ts';
import { readOrganizationOverview } from '#lib/overview/read-organization-overview.ts';
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
  organization = await makeOrganization(database, { timeZone: 'Europe/Lisbon' });
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
  await saveMailSettings(ctx, { project: project.id, expectedVersion: null, input: smtpInput() });
});

function change(text: string, values: readonly unknown[]) {
  return asOwner(database, (tx) => tx.query(text, values));
}

async function overviewOfProject(): Promise<ProjectOverview> {
  const { projects } = await readOrganizationOverview(ctx);
  const found = projects.find(({ id }) => id === project.id);
  if (found === undefined) throw new Error('the project is not in the overview');
  return found;
}

/** Limits the project or its protocol, with what is used of it. */
async function limit(over: 'project' | 'protocol', given: { limit: number; used: number; reserve?: number }) {
  const at = over === 'project' ? 'project_id = $2' : `protocol = 'smtp' and $2::uuid is not null`;
  await change(
    `update mailroom.limit_scopes set mails_per_day = $3, high_reserve = $4
     where organization_id = $1 and ${at}`,
    [organization.id, project.id, given.limit, given.reserve ?? 0],
  );
  await change(
    `insert into mailroom.limit_usage (scope_id, minute, slot, organization_id, mails)
     select id, date_trunc('minute', mailroom.now()), 0, organization_id, $3 from mailroom.limit_scopes
     where organization_id = $1 and ${at}`,
    [organization.id, project.id, given.used],
  );
}

function hold(reason: string, state = 'backlog', heldFor = '1 hour') {
  return change(
    `insert into mailroom.held_messages (message_id, organization_id, project_id, state, reason, held_at, priority,
       category, recipient_count, size_bytes, due_at)
     values ($1, $2, $3, $4, $5, mailroom.now() - $6::interval, 1, 'general', 1, 100, mailroom.now())`,
    [newId(), organization.id, project.id, state, reason, heldFor],
  );
}

describe('what is held, at a glance', () => {
  test('counts by where and why, with the age of the oldest', async () => {
    expect((await overviewOfProject()).held).toMatchObject({ backlog: 0, suspended: 0, oldestAt: null });
    await hold('day_limit', 'backlog', '3 hours');
    await hold('flood');
    await hold('recipients_limit');
    await hold('by_hand', 'suspended', '9 hours');
    const { held } = await overviewOfProject();
    expect(held).toMatchObject({
      backlog: 3,
      suspended: 1,
      byDayLimit: 1,
      byFlood: 1,
      byRecipientsLimit: 1,
    });
    const oldestMs = services.clock.now().getTime() - (held.oldestAt?.getTime() ?? 0);
    expect(Math.round(oldestMs / 3_600_000)).toBe(3);
  });

  test('an open page hears of each hold', async () => {
    const before = await readChangeToken(database, organization.id);
    await hold('by_hand');
    expect(await readChangeToken(database, organization.id)).not.toBe(before);
  });

  test('another organization holds nothing of it', async () => {
    await hold('day_limit');
    const other = await makeOrganization(database);
    const stranger = await makeMember(database, other, 'owner');
    const { projects } = await readOrganizationOverview(
      contextOf(services, other, userActor(stranger, 'owner')),
    );
    expect(projects).toEqual([]);
  });
});

describe('the daily limit of a project', () => {
  test('is the nearest of those that count its mail', async () => {
    expect((await overviewOfProject()).dayLimit).toBeNull();
    await limit('protocol', { limit: 1_000, used: 500 });
    expect((await overviewOfProject()).dayLimit).toMatchObject({
      over: 'protocol',
      limit: 1_000,
      used: 500,
      isReached: false,
    });
    await limit('project', { limit: 10, used: 8 });
    expect((await overviewOfProject()).dayLimit).toMatchObject({ over: 'project', limit: 10, used: 8 });
    expect((await overviewOfProject()).state).toBe('idle');
  });

  test('puts the project at its limit when normal mail finds no room', async () => {
    await limit('project', { limit: 10, used: 8, reserve: 2 });
    const { dayLimit, state } = await overviewOfProject();
    expect(dayLimit?.isReached).toBe(true);
    expect(dayLimit?.endsAt).toBeInstanceOf(Date);
    expect(state).toBe('at_limit');
  });

  test('says whether held mail goes out by itself: the choice of the project, else of the organization', async () => {
    expect((await overviewOfProject()).autoResumes).toBe(false);
    await saveAutoResume(ctx, { project: null, autoResume: true, threshold: null });
    expect((await overviewOfProject()).autoResumes).toBe(true);
    await saveAutoResume(ctx, { project: project.id, autoResume: false, threshold: null });
    expect((await overviewOfProject()).autoResumes).toBe(false);
  });
});
