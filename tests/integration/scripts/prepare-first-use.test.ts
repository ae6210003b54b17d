import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { openOperatorContext } from '#lib/organizations/open-operator-context.ts';
import { connectionFacts } from '#lib/settings/connection-facts.ts';
import { toInput } from '#lib/settings/convert.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { demoMails } from '#scripts/demo-mails.ts';
import { prepareFirstUse } from '#scripts/prepare-first-use.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';

let dataFolder: string;
const say = (): void => undefined;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'mailroom-first-use-'));
});
afterAll(() => rm(dataFolder, { recursive: true, force: true }));

test('an empty database gets the demo once, with mail that waits for the worker', async () => {
  const { database } = await createTestDatabase();
  const services = testServices(database);
  const first = await prepareFirstUse(services, { dataFolder, inboxPort: 2525, earlierInboxPort: null, say });
  expect(first.signIn?.email).toBe('dana@northwind.example');
  expect(first.setupLink).toBeNull();
  const count = async (): Promise<unknown[]> =>
    asOwner(database, async (tx) => {
      const { rows } = await tx.query(
        `select (select count(*) from mailroom.projects where settings_version = 1) as projects,
                (select count(*) from mailroom.queue_entries) as waiting,
                (select count(*) from mailroom.users) as people`,
      );
      return rows;
    });
  expect(await count()).toEqual([{ projects: 3, waiting: demoMails.length, people: 1 }]);

  const second = await prepareFirstUse(services, {
    dataFolder,
    inboxPort: 2525,
    earlierInboxPort: null,
    say,
  });
  expect(second.signIn).toEqual(first.signIn);
  expect(await count()).toEqual([{ projects: 3, waiting: demoMails.length, people: 1 }]);
});

test('the demo follows the inbox to another port, and leaves alone what a person has changed', async () => {
  const { database } = await createTestDatabase();
  const services = testServices(database);
  await prepareFirstUse(services, { dataFolder, inboxPort: 2525, earlierInboxPort: null, say });
  const ctx = await openOperatorContext(services, { organization: 'northwind', label: 'test' });
  const portOf = async (project: string): Promise<number | null> => {
    const { settings } = await getMailSettings(ctx, { project });
    return settings === null ? null : connectionFacts(settings).port;
  };
  const { settings } = await getMailSettings(ctx, { project: 'billing' });
  if (settings?.connection.kind !== 'smtp') throw new Error('the demo has no settings');
  const input = toInput({ ...settings, connection: { ...settings.connection, host: 'mail.example.test' } });
  await saveMailSettings(ctx, { project: 'billing', input, expectedVersion: 1, whileSending: 'save_only' });
  await prepareFirstUse(services, { dataFolder, inboxPort: 2526, earlierInboxPort: 2525, say });
  expect(await portOf('service-desk')).toBe(2526);
  expect(await portOf('customer-portal')).toBe(2526);
  expect(await portOf('billing')).toBe(2525);
});

test('the demo password lies in a file that only its owner reads', async () => {
  expect((await stat(join(dataFolder, 'demo.json'))).mode & 0o077).toBe(0);
});

test('without the demo, an empty database gets a one-time link for its first owner', async () => {
  const { database } = await createTestDatabase();
  const services = testServices(database);
  const steps = await prepareFirstUse(services, { dataFolder, inboxPort: null, earlierInboxPort: null, say });
  expect(steps.signIn).toBeNull();
  expect(steps.setupLink).toMatch(/^http:\/\/localhost:3000\/setup\//);
});
