import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { openOperatorContext } from '#lib/organizations/open-operator-context.ts';
import { connectionFacts } from '#lib/settings/connection-facts.ts';
import { toInput } from '#lib/settings/convert.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { demoMails, newsletters, surveys } from '#scripts/demo-mails.ts';
import { type DemoServers, prepareFirstUse } from '#scripts/prepare-first-use.ts';
import type { StandIns } from '#scripts/stand-ins.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';

let dataFolder: string;
const say = (): void => undefined;

/** As the stand-ins tell of themselves; nobody listens there in these tests. */
function standIns(graph: number): StandIns {
  return {
    authority: rootCertificates[0] ?? '',
    certificate: { cert: '', key: '' },
    ports: { signIn: 4430, graph, exchange: 4432, smtp: 4433 },
    tenant: 'northwind.example',
    clientId: 'mailroom-demo',
    clientSecret: 'the secret of the demo',
    exchangePassword: 'the password of the demo',
  };
}

const demo: DemoServers = {
  inboxPort: 2525,
  earlierInboxPort: null,
  standIns: { now: standIns(4431), before: null },
};

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'mailroom-first-use-'));
});
afterAll(() => rm(dataFolder, { recursive: true, force: true }));

test('an empty database gets the demo once, with mail that waits for the worker', async () => {
  const { database } = await createTestDatabase();
  const services = testServices(database);
  const first = await prepareFirstUse(services, { dataFolder, demo, say });
  expect(first.signIn?.email).toBe('dana@northwind.example');
  expect(first.setupLink).toBeNull();
  const count = async (): Promise<unknown[]> =>
    asOwner(database, async (tx) => {
      const { rows } = await tx.query(
        `select (select count(*) from mailroom.projects where settings_version is not null) as projects,
                (select count(*) from mailroom.queue_entries) as waiting,
                (select count(*) from mailroom.held_messages where state = 'backlog') as held,
                (select count(*) from mailroom.held_messages where state = 'suspended') as suspended,
                (select count(*) from mailroom.users) as people`,
      );
      return rows;
    });
  // And one each that is for later and that stays in doubt.
  const waiting = demoMails.length + newsletters.length + 2;
  const held = surveys.length - 2;
  const whole = [{ projects: 6, waiting, held, suspended: 2, people: 1 }];
  expect(await count()).toEqual(whole);

  const second = await prepareFirstUse(services, { dataFolder, demo, say });
  expect(second.signIn).toEqual(first.signIn);
  expect(await count()).toEqual(whole);
});

test('the demo follows the inbox to another port, and leaves alone what a person has changed', async () => {
  const { database } = await createTestDatabase();
  const services = testServices(database);
  await prepareFirstUse(services, { dataFolder, demo, say });
  const ctx = await openOperatorContext(services, { organization: 'northwind', label: 'test' });
  const portOf = async (project: string): Promise<number | null> => {
    const { settings } = await getMailSettings(ctx, { project });
    return settings === null ? null : connectionFacts(settings).port;
  };
  const { settings } = await getMailSettings(ctx, { project: 'billing' });
  if (settings?.connection.kind !== 'smtp') throw new Error('the demo has no settings');
  const input = toInput({ ...settings, connection: { ...settings.connection, host: 'mail.example.test' } });
  await saveMailSettings(ctx, { project: 'billing', input, expectedVersion: 1, whileSending: 'save_only' });
  const moved = { inboxPort: 2526, earlierInboxPort: 2525 };
  const standInsMove = { before: standIns(4431), now: standIns(4531) };
  await prepareFirstUse(services, { dataFolder, demo: { ...moved, standIns: standInsMove }, say });
  expect(await portOf('service-desk')).toBe(2526);
  expect(await portOf('customer-portal')).toBe(2526);
  expect(await portOf('billing')).toBe(2525);
  const graph = await getMailSettings(ctx, { project: 'field-visits' });
  expect(graph).toMatchObject({
    version: 2,
    settings: { connection: { endpoint: 'https://127.0.0.1:4531/v1.0' } },
  });
  expect(await getMailSettings(ctx, { project: 'warehouse' })).toMatchObject({ version: 1 });
});

test('without the stand-ins, the demo has the projects of the built-in inbox alone', async () => {
  const { database } = await createTestDatabase();
  const services = testServices(database);
  await prepareFirstUse(services, { dataFolder, demo: { ...demo, standIns: null }, say });
  const ctx = await openOperatorContext(services, { organization: 'northwind', label: 'test' });
  await expect(getMailSettings(ctx, { project: 'field-visits' })).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(await getMailSettings(ctx, { project: 'billing' })).toMatchObject({ version: 1 });
});

test('the demo password lies in a file that only its owner reads', async () => {
  expect((await stat(join(dataFolder, 'demo.json'))).mode & 0o077).toBe(0);
});

test('without the demo, an empty database gets a one-time link for its first owner', async () => {
  const { database } = await createTestDatabase();
  const services = testServices(database);
  const steps = await prepareFirstUse(services, { dataFolder, demo: null, say });
  expect(steps.signIn).toBeNull();
  expect(steps.setupLink).toMatch(/^http:\/\/localhost:3000\/setup\//);
});
