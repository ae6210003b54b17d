import { beforeAll, describe, expect, test, vi } from 'vitest';
import { asOwner } from '#db/client.ts';
import { resolveKey } from '#lib/keys/resolve-key.ts';
import { signIn } from '#lib/sessions/sign-in.ts';
import { openSavedSettings } from '#lib/settings/open-draft-settings.ts';
import { openOperatorContext } from '#lib/organizations/open-operator-context.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { testKeys, testServices } from '#tests/support/factories.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { smtpConnection, smtpInput } from '../settings/smtp-input.ts';
import { runMailroom } from './run-mailroom.ts';

// Each command is a process of its own, which takes seconds where other tests run beside it.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const { database, connectionString } = await createTestDatabase();
const services = testServices(database);
const env = { DATABASE_URL: connectionString, MAILROOM_KEYS: testKeys, LOG_LEVEL: 'silent' };
const ownerPassword = 'a long enough password';
const serverPassword = 'pl41n-s3rv3r-p4ssw0rd';

function mailroom(...args: string[]) {
  return runMailroom(env, args);
}

async function json(...args: string[]): Promise<unknown> {
  const ran = await mailroom(...args, '--json');
  expect(ran, ran.stderr).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ran.stdout);
}

async function audit(): Promise<unknown[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query('select action, actor_kind, user_agent from mailroom.audit_entries order by id desc limit 1'),
  );
  return rows;
}

const settings = smtpInput();
const settingsFile = JSON.stringify({ version: null, settings });

beforeAll(async () => {
  await json('create-organization', '--name', 'Northwind', '--time-zone', 'Europe/Lisbon');
  await runMailroom({ ...env, OWNER_PASSWORD: ownerPassword }, [
    'create-owner',
    '--organization',
    'northwind',
    '--email',
    'dana@example.com',
    '--name',
    'Dana',
    '--password-env',
    'OWNER_PASSWORD',
  ]);
  await json('create-project', '--name', 'Billing');
});

describe('the operator', () => {
  test('makes an owner who can sign in', async () => {
    await expect(
      signIn(services, { ip: null, userAgent: null }, { email: 'dana@example.com', password: ownerPassword }),
    ).resolves.toMatchObject({});
  });

  test('writes settings from a file and a secret from standard input, and reads them without it', async () => {
    const given = { version: null, settings: { ...settings, debug: { until: null } } };
    const put = await runMailroom(
      { ...env, SERVER_PASSWORD: serverPassword },
      ['put-settings', 'billing', '-', '--password-env', 'SERVER_PASSWORD'],
      JSON.stringify(given),
    );
    expect(put).toEqual({ code: 0, stdout: 'Saved as version 1.\n', stderr: '' });
    expect(await audit()).toEqual([
      { action: 'mail_settings.saved', actor_kind: 'operator', user_agent: 'command line' },
    ]);
    const ctx = await openOperatorContext(services, { organization: 'northwind', label: 'test' });
    expect((await openSavedSettings(ctx, { project: 'billing' })).opened.password).toBe(serverPassword);
    const shown = await mailroom('get-settings', 'billing');
    expect(shown.stdout).toMatch(/Server name or IP +smtp\.example\.com/);
    const read = await mailroom('get-settings', 'billing', '--json');
    expect(shown.stdout + read.stdout).not.toContain(serverPassword);
    // What was read can be written: the secret is kept.
    const again = await runMailroom(env, ['put-settings', 'billing', '-', '--json'], read.stdout);
    expect(JSON.parse(again.stdout)).toMatchObject({ version: 1, changes: [] });
    expect(JSON.parse((await mailroom('versions', 'billing', '--json')).stdout)).toMatchObject({
      versions: [{ version: 1, from: 'command line' }],
    });
  });

  test('makes a key that works and ends it', async () => {
    const made = await json('create-key', 'billing', '--name', 'Portal', '--scope', 'send');
    expect(made).toMatchObject({ token: expect.stringMatching(/^mr_live_/) as unknown });
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ id: string }>('select id from mailroom.api_keys'),
    );
    expect(await json('list-keys', 'billing')).toMatchObject([{ name: 'Portal', state: 'active' }]);
    await json('revoke-key', 'billing', rows[0]?.id ?? '');
    const token = typeof made === 'object' && made !== null && 'token' in made ? String(made.token) : '';
    expect(await resolveKey(database, token)).toEqual({ kind: 'refused', reason: 'revoked' });
  });

  test('hands in a message, sees it wait and cancels it', async () => {
    const sent = await runMailroom(
      env,
      ['send', 'billing', '--to', 'someone@example.org', '--subject', 'Hello', '--text', '-', '--json'],
      'A text\n',
    );
    const accepted: unknown = JSON.parse(sent.stdout);
    expect(accepted).toMatchObject({ state: 'queued', recipients: 1 });
    const id =
      typeof accepted === 'object' && accepted !== null && 'id' in accepted ? String(accepted.id) : '';
    expect((await mailroom('messages', 'billing')).stdout).toContain('someone@example.org');
    expect((await mailroom('status', 'billing', id)).stdout).toMatch(/State +queued/);
    expect(await json('cancel', 'billing', id)).toMatchObject({ state: 'cancelled' });
  });

  test('sends a test mail by the saved settings, and is told what a refused one needs', async () => {
    const server = await startRealServer();
    const near = { ...env, MAILROOM_ALLOWED_ADDRESSES: `127.0.0.1:${server.port}` };
    await json('create-project', '--name', 'Desk');
    const given = smtpInput({
      connection: smtpConnection({
        host: '127.0.0.1',
        port: server.port,
        tlsPolicy: 'none',
        authentication: { kind: 'none' },
      }),
    });
    await runMailroom(
      near,
      ['put-settings', 'desk', '-'],
      JSON.stringify({ version: null, settings: given }),
    );
    const sent = await runMailroom(near, ['test-mail', 'desk', '--to', 'someone@example.org']);
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(sent.stdout).toContain('To someone@example.org by 127.0.0.1');
    expect(sent.stdout).toContain('queued as REAL1');
    expect(server.mails).toMatchObject([{ from: 'billing@example.com', to: ['someone@example.org'] }]);
    // The same address without the operator's leave is a private one.
    const refused = await mailroom('test-mail', 'desk');
    expect(refused.code).toBe(1);
    expect(server.mails).toHaveLength(1);
    await server.close();
  });

  test('pauses, sees the state and starts sending again', async () => {
    expect(await mailroom('pause', 'billing')).toMatchObject({ code: 0, stdout: 'billing is paused.\n' });
    expect((await mailroom('list-projects')).stdout).toMatch(
      /billing +paused +Live +SMTP smtp\.example\.com:587/,
    );
    await json('resume', 'billing');
    expect((await mailroom('history', 'billing', '--action', 'sending')).stdout).toMatch(/started sending/);
  });
});

describe('a refusal', () => {
  test('is a sentence on standard error and code 1; with --json its code and fields too', async () => {
    const ran = await mailroom('pause', 'nothing', '--json');
    expect(ran).toMatchObject({ code: 1, stderr: 'There is no such project.\n' });
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'not_found' } });
  });

  test('names the field', async () => {
    const wrong = settingsFile.replace('smtp.example.com', 'not a host');
    const ran = await runMailroom(env, ['put-settings', 'billing', '-'], wrong);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('connection.host: ');
  });

  test.each([
    [['frobnicate']],
    [['create-project']],
    [['put-settings', 'billing', '/no/such/file']],
    [['create-owner', '-o', 'northwind', '--email', 'a@example.com', '--name', 'A']],
  ])('of a wrong call is code 2: %j', async (args) => {
    const ran = await mailroom(...args);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).not.toContain('    at ');
  });

  test('of a wrong environment says which variable, without its value', async () => {
    const ran = await runMailroom({ ...env, MAILROOM_KEYS: 'hunter2' }, ['list-projects']);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^MAILROOM_KEYS must be/);
    expect(ran.stderr).not.toContain('hunter2');
  });

  test('of a database that does not answer is one sentence', async () => {
    const ran = await runMailroom({ ...env, DATABASE_URL: 'postgres://u:p@127.0.0.1:1/none' }, [
      'list-projects',
    ]);
    expect(ran).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The database does not answer. Check DATABASE_URL, or start it.\n',
    });
  });
});
