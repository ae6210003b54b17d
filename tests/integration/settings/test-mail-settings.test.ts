import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { listSettingsWriters } from '#lib/access/list-settings-writers.ts';
import type { MailSettingsInput } from '#lib/settings/schemas.ts';
import { testsPerMinute } from '#lib/settings/test-allowance.ts';
import { type TestMailSettings, testMailSettings } from '#lib/settings/test-mail-settings.ts';
import { sharedAlternate } from '#lib/settings/connection-schemas.ts';
import { freePort } from '#tests/support/free-port.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { type RealServer, startRealServer } from '#tests/servers/smtp/real-server.ts';
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
import { smtpConnection, smtpInput } from './smtp-input.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const keep = closeAfterEach();
let organization: TestOrganization;
let project: TestProject;
let server: RealServer;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  server = keep(await startRealServer({ allowInsecureAuth: true }));
  const admin = await makeMember(database, organization, 'administrator');
  ctx = contextOf(services, organization, userActor(admin, 'administrator'));
});

function draft(password = 'correct horse'): MailSettingsInput {
  return smtpInput({
    connection: smtpConnection({
      host: '127.0.0.1',
      port: server.port,
      tlsPolicy: 'none',
      authentication: {
        kind: 'basic',
        userName: 'sender@example.test',
        password: { kind: 'set', value: password },
      },
    }),
  });
}

function run(given: Partial<TestMailSettings> = {}, as: Context = ctx) {
  const stages: string[] = [];
  const observer = {
    begun: () => undefined,
    step: (step: { stage: string; status: string }) => {
      if (step.status !== 'running') stages.push(step.stage);
    },
  };
  const test = { project: project.slug, input: draft(), to: null, ...given };
  return testMailSettings(as, test, observer, AbortSignal.timeout(20_000)).then((tested) => ({
    ...tested,
    stages,
  }));
}

async function auditRows() {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ action: string; detail: Record<string, unknown> }>(
      'select action, detail from mailroom.audit_entries where project_id = $1 order by id',
      [project.id],
    ),
  );
  return rows;
}

describe('a test mail (PRODUCT 3)', () => {
  test('counts in the limits of its project and protocol, and is never held (PRODUCT 3.4)', async () => {
    await asOwner(database, (tx) =>
      tx.query('update mailroom.limit_scopes set mails_per_day = 1 where organization_id = $1', [
        organization.id,
      ]),
    );
    for (let round = 0; round < 2; round += 1) expect((await run()).result.ok).toBe(true);
    const { rows } = await asOwner(database, (tx) =>
      tx.query(
        `select s.protocol, sum(u.mails)::int as mails, sum(u.passed)::int as passed, max(u.largest) as largest
         from mailroom.limit_usage u join mailroom.limit_scopes s on s.id = u.scope_id
         where u.organization_id = $1 group by s.protocol order by s.protocol`,
        [organization.id],
      ),
    );
    const counted = { mails: 2, passed: 1, largest: 1 };
    expect(rows).toEqual([
      { protocol: 'smtp', ...counted },
      { protocol: null, ...counted },
    ]);
  });

  test('goes by the alternate with the values that it has of its own (PRODUCT 6.4)', async () => {
    const connection = smtpConnection({
      host: '127.0.0.99',
      port: await freePort(),
      tlsPolicy: 'required',
      authentication: { kind: 'none' },
      alternateHost: '127.0.0.1',
      alternate: {
        ...sharedAlternate,
        port: server.port,
        tlsPolicy: 'none',
        authentication: {
          kind: 'basic',
          userName: 'sender@example.test',
          password: { kind: 'set', value: 'correct horse' },
        },
      },
    });
    const { result } = await run({ input: smtpInput({ connection }), endpoint: 'alternate' });
    expect(result.ok).toBe(true);
    expect(server.mails).toHaveLength(1);
    const [, tested] = await auditRows();
    expect(tested?.detail).toMatchObject({ server: `127.0.0.1:${server.port}`, code: 'OK' });
    expect((await run({ input: smtpInput({ connection }), endpoint: 'primary' })).result).toMatchObject({
      ok: false,
      fault: { stage: 'connect' },
    });
  });

  test('by an alternate that is not there is refused', async () => {
    await expect(run({ endpoint: 'alternate' })).rejects.toMatchObject({ code: 'not_set_up' });
  });

  test('goes out by unsaved values, to the mailbox itself, and nothing is saved', async () => {
    const { result, stages } = await run();
    expect(result.ok).toBe(true);
    expect(stages).toEqual(expect.arrayContaining(['connect', 'authenticate', 'recipient', 'content']));
    expect(server.mails).toHaveLength(1);
    expect(server.mails[0]?.to).toEqual(['billing@example.com']);
    expect(server.mails[0]?.raw).toContain('From: Northwind Billing <billing@example.com>');
    const audited = await auditRows();
    expect(audited.map(({ action }) => action)).toEqual(['mail_settings.test_begun', 'mail_settings.tested']);
    expect(audited[1]?.detail).toMatchObject({ code: 'OK', version: null, to: 'billing@example.com' });
  });

  test('tells a refused sign-in with its code, counts it, and keeps the password out', async () => {
    await run({ input: draft('wrong horse') });
    const { result, again } = await run({ input: draft('wrong horse') });
    expect(result).toMatchObject({
      ok: false,
      fault: { stage: 'authenticate', code: 'SMTP_AUTH_REFUSED', reply: { code: 535 } },
    });
    expect(again).toEqual({ failed: 2, of: 2 });
    expect(JSON.stringify([result, await auditRows()])).not.toContain('wrong horse');
  });

  test('refuses a bad recipient by its field and settings that are not there', async () => {
    await expect(run({ to: 'nobody' })).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ field: 'to' }],
    });
    await expect(run({ input: null })).rejects.toMatchObject({ code: 'not_set_up' });
    expect(server.mails).toHaveLength(0);
  });

  test('is not for viewers, nor for another tenant', async () => {
    const viewer = await makeMember(database, organization, 'viewer');
    await expect(
      run({}, contextOf(services, organization, userActor(viewer, 'viewer'))),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const stranger = contextOf(services, await makeOrganization(database));
    await expect(run({}, stranger)).rejects.toMatchObject({ code: 'not_found' });
    expect(server.signIns).toHaveLength(0);
  });

  test('is refused past a number a minute', async () => {
    for (let count = 0; count < testsPerMinute; count += 1) await run();
    await expect(run()).rejects.toMatchObject({ code: 'too_many' });
    expect(server.mails).toHaveLength(testsPerMinute);
  });
});

test('names those who may change the settings, owners first', async () => {
  const admin = await makeMember(database, organization, 'administrator', { email: 'b@example.test' });
  const owner = await makeMember(database, organization, 'owner', { email: 'c@example.test' });
  const viewer = await makeMember(database, organization, 'viewer', { email: 'd@example.test' });
  const elsewhere = await makeMember(database, organization, 'administrator', {
    email: 'a@example.test',
    projectIds: [],
  });
  const writers = await listSettingsWriters(contextOf(services, organization, userActor(viewer, 'viewer')), {
    project: project.slug,
  });
  expect(writers).toEqual(expect.arrayContaining([owner.email, admin.email]));
  expect(writers).not.toContain(viewer.email);
  expect(writers).not.toContain(elsewhere.email);
});
