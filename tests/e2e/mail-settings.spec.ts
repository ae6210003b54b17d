import type { Locator, Page } from '@playwright/test';
import { expect, expectAccessible, queryProduct, test } from '#tests/support/e2e.ts';
import { type RealServer, startRealServer } from '#tests/servers/smtp/real-server.ts';

const userName = 'sender@example.test';
const password = 'correct horse';

let server: RealServer;

test.beforeAll(async () => {
  server = await startRealServer({ allowInsecureAuth: true });
});

test.afterAll(() => server.close());

// So that the specs can run again on the same installation.
const run = Date.now().toString(36);

/** A project of its own for each test, opened at its mail settings; answers with their address. */
async function openNewProject(portal: Page, name: string): Promise<string> {
  await portal.goto('/northwind?new=project');
  const dialog = portal.getByRole('dialog', { name: 'New project' });
  await dialog.getByLabel('Name', { exact: true }).fill(`${name} ${run}`);
  await dialog.getByRole('button', { name: 'Create project' }).click();
  const home = `/northwind/${name.toLowerCase().replaceAll(' ', '-')}-${run}`;
  await portal.waitForURL(`**${home}`);
  await portal.goto(`${home}/mail-settings`);
  await expect(portal.getByRole('heading', { name: 'Mail settings', level: 1 })).toBeVisible();
  return `${home}/mail-settings`;
}

async function fillServer(portal: Page, port: number, secret: string): Promise<void> {
  await portal.getByLabel('From address').fill('desk@example.test');
  await portal.getByLabel('Server name or IP').fill('127.0.0.1');
  await portal.getByLabel('Port', { exact: true }).fill(String(port));
  await portal.getByRole('radio', { name: /^None / }).check();
  await portal.getByLabel('Requires authentication').check();
  await portal.getByLabel('User name', { exact: true }).fill(userName);
  await portal.getByLabel(/^Password/).fill(secret);
}

function testPanel(portal: Page): Locator {
  return portal.getByRole('complementary', { name: 'Test mail' });
}

async function save(portal: Page, version: number): Promise<void> {
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText(`Version ${version} is saved`)).toBeVisible();
  await expect(portal.getByText(`Version ${version}. Last changed`)).toBeVisible();
}

test('errors stand at their fields and nothing typed is lost', async ({ portal }) => {
  await openNewProject(portal, 'Field errors');
  await portal.getByLabel('Sender name').fill('Kept while wrong');
  await portal.getByLabel('From address').fill('desk@example.test');
  await portal.getByLabel('Requires authentication').uncheck();
  await portal.getByLabel('Server name or IP').fill('no such host!');
  await portal.getByLabel('Port', { exact: true }).fill('70000');
  await portal.getByLabel('Allowed senders').fill('example.com\nnot an@address@');
  await portal.getByRole('button', { name: 'Save' }).click();

  await expect(portal.getByLabel('Server name or IP')).toHaveAccessibleDescription(/neither a server name/);
  await expect(portal.getByLabel('Server name or IP')).toBeFocused();
  await expect(portal.getByLabel('Port', { exact: true })).toHaveAccessibleDescription(/from 1 to 65535/);
  await expect(portal.getByText('“an@address@”')).toBeVisible();
  await expect(portal.getByText('3 fields need another value.')).toBeVisible();
  await expect(portal.getByLabel('Sender name')).toHaveValue('Kept while wrong');

  await portal.getByLabel('Port', { exact: true }).fill('2525');
  await expect(portal.getByText('Port is a number from 1 to 65535.')).toBeHidden();
  await expectAccessible(portal);
});

test('the port follows protocol and TLS until somebody types another', async ({ portal }) => {
  await openNewProject(portal, 'Ports');
  const protocol = portal.getByRole('radiogroup', { name: /^Protocol/ });
  await portal.getByRole('radio', { name: 'Microsoft 365' }).check({ force: true });
  await expect(portal.getByLabel('Server name or IP')).toHaveValue('smtp.office365.com');
  await expect(portal.getByLabel('Port', { exact: true })).toHaveValue('587');
  await expect(portal.getByText(/goes off by default at Exchange Online/)).toBeVisible();
  await protocol.getByText('SMTPS', { exact: true }).click();
  await expect(portal.getByLabel('Port', { exact: true })).toHaveValue('465');
  await expect(portal.getByText('Port was 587. 465 is usual for SMTPS.')).toBeVisible();
  await portal.getByLabel('Port', { exact: true }).fill('2465');
  await protocol.getByText('SMTP', { exact: true }).click();
  await expect(portal.getByLabel('Port', { exact: true })).toHaveValue('2465');
  await portal.getByRole('button', { name: 'Use 587' }).click();
  await expect(portal.getByLabel('Port', { exact: true })).toHaveValue('587');

  await portal.getByLabel('Find by address').fill('someone@gmail.com');
  await portal.getByRole('button', { name: /^Use Google/ }).click();
  await expect(portal.getByLabel('Server name or IP')).toHaveValue('smtp.gmail.com');
});

test('a refused sign-in names the step, the code and the words; the right one passes unsaved', async ({
  portal,
}) => {
  await openNewProject(portal, 'Testing');
  await fillServer(portal, server.port, 'wrong');
  await portal.getByRole('button', { name: 'Send test mail' }).click();
  const panel = testPanel(portal);
  await panel.getByRole('button', { name: 'Send test mail' }).click();

  await expect(panel.getByText('Failed', { exact: true })).toBeVisible();
  await expect(panel.getByRole('listitem').filter({ hasText: 'Authenticate, failed' })).toBeVisible();
  await expect(panel.getByText('SMTP_AUTH_REFUSED')).toBeVisible();
  await expect(panel.getByText('535 5.7.8 Invalid username or password').first()).toBeVisible();
  await expect(panel.getByText('What to do')).toBeVisible();
  await expect(panel).not.toContainText('wrong');
  await expectAccessible(portal);

  await panel.getByRole('button', { name: 'Replace password' }).click();
  await expect(portal.getByLabel(/^Password/)).toBeFocused();
  await portal.getByLabel(/^Password/).fill(password);
  await panel.getByText('Another address').click();
  await panel.getByLabel('Address of the test mail').fill('somebody@example.test');
  await panel.getByRole('button', { name: 'Test again' }).click();
  await expect(panel.getByText('Passed', { exact: true })).toBeVisible();
  await expect(panel.getByRole('listitem').filter({ hasText: 'Content, done' })).toBeVisible();
  const mail = server.mails.at(-1);
  expect(mail?.to).toEqual(['somebody@example.test']);
  expect(mail?.raw).toContain(`Subject: Test mail of Testing ${run}`);

  await portal.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(portal.getByLabel(/^Password/)).toHaveValue(password);
  const audited = await queryProduct(
    `select detail->>'code' as code from mailroom.audit_entries where action = 'mail_settings.tested'
     and object_label = $1 order by id`,
    [`Testing ${run}`],
  );
  expect(audited.map(({ code }) => code)).toEqual(['SMTP_AUTH_REFUSED', 'OK']);
});

test('an unreachable server and a refused address fail at their steps', async ({ portal }) => {
  const closed = await startRealServer();
  await closed.close();
  await openNewProject(portal, 'Unreachable');
  await fillServer(portal, closed.port, password);
  await portal.getByRole('button', { name: 'Send test mail' }).click();
  const panel = testPanel(portal);
  await panel.getByRole('button', { name: 'Send test mail' }).click();
  await expect(panel.getByText('CONNECT_REFUSED')).toBeVisible();
  await expect(panel.getByRole('listitem').filter({ hasText: 'Connect, failed' })).toBeVisible();

  await portal.getByLabel('Server name or IP').fill('10.0.0.1');
  await panel.getByRole('button', { name: 'Test again' }).click();
  await expect(panel.getByText('ADDRESS_NOT_ALLOWED')).toBeVisible();

  await portal.getByLabel('Server name or IP').fill('no such host!');
  await panel.getByRole('button', { name: 'Test again' }).click();
  await expect(panel.getByText('Not run', { exact: true })).toBeVisible();
  await expect(portal.getByLabel('Server name or IP')).toHaveAccessibleDescription(/neither a server name/);
});

test('saved settings hide the password; the history compares and restores them', async ({ portal }) => {
  const home = await openNewProject(portal, 'Versions');
  await fillServer(portal, server.port, password);
  await save(portal, 1);
  await expect(portal.getByText(/set .* by dana@northwind\.example/)).toBeVisible();
  expect(await portal.content()).not.toContain(password);

  await portal.getByLabel('Sender name').fill('Second name');
  await expect(portal.getByText('1 change', { exact: true })).toBeVisible();
  await portal.keyboard.press('ControlOrMeta+s');
  await expect(portal.getByText('Version 2. Last changed')).toBeVisible();
  await portal.getByLabel('Requires authentication').uncheck();
  await save(portal, 3);

  await portal.getByRole('link', { name: 'View history' }).click();
  await expect(portal.getByRole('heading', { name: 'History of mail settings' })).toBeVisible();
  const second = portal.getByRole('row').filter({ hasText: 'Sender name' });
  await expect(second).toContainText('dana@northwind.example');
  await expect(second).toContainText('127.0.0.1, portal');
  await portal.getByRole('radio', { name: 'Compare from version 1' }).check();
  const panel = portal.getByRole('complementary', { name: 'Compare two versions' });
  await expect(panel.getByRole('row', { name: /^Password set on .* none/ })).toBeVisible();
  await expect(panel.getByRole('row', { name: /^Sender name/ })).toContainText('Second name');
  await expect(panel.getByRole('row', { name: /^From address/ })).toBeHidden();
  await panel.getByLabel('Only differences').uncheck();
  await expect(panel.getByRole('row', { name: /^From address/ })).toBeVisible();
  await expect(portal).toHaveURL(/from=1&to=3&all=1/);
  await portal.reload();
  await expect(panel.getByRole('row', { name: /^From address/ })).toBeVisible();
  expect(await portal.content()).not.toContain(password);
  await expectAccessible(portal);

  await panel.getByLabel('To version').selectOption('Version 2');
  await panel.getByLabel('From version').selectOption('Version 1');
  await panel.getByRole('button', { name: 'Restore version 1' }).click();
  const dialog = portal.getByRole('dialog');
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Restore version 1' }).click();
  await expect(portal.getByText('Version 1 is restored as version 4')).toBeVisible();
  await portal.goto(home);
  await expect(portal.getByLabel('Sender name')).toHaveValue('');
  await expect(portal.getByLabel('User name', { exact: true })).toHaveValue(userName);
});

test('a changed server asks for the password again; restoring it does too', async ({ portal }) => {
  const home = await openNewProject(portal, 'Destinations');
  await fillServer(portal, server.port, password);
  await save(portal, 1);
  await portal.getByLabel('Server name or IP').fill('127.0.0.2');
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByLabel(/^Password/)).toBeFocused();
  await expect(portal.getByText(/was not saved for the changed Server name or IP/)).toBeVisible();
  await portal.getByLabel(/^Password/).fill('another secret');
  await save(portal, 2);

  await portal.goto(`${home}/history?from=1&to=2`);
  const panel = portal.getByRole('complementary', { name: 'Compare two versions' });
  await expect(panel.getByText(/is asked for again/)).toBeVisible();
  await panel.getByRole('button', { name: 'Restore version 1' }).click();
  const dialog = portal.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Restore version 1' }).click();
  await expect(dialog.getByText(/Type the password again/)).toBeVisible();
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Restore version 1' }).click();
  await expect(portal.getByText('Version 1 is restored as version 3')).toBeVisible();
});

test('a save over somebody else’s tells who was first, and can go on top', async ({ portal, context }) => {
  const home = await openNewProject(portal, 'Conflict');
  await fillServer(portal, server.port, password);
  await save(portal, 1);
  const other = await context.newPage();
  await other.goto(home);
  await portal.getByLabel('Sender name').fill('Mine');
  await other.getByLabel('Sender name').fill('Theirs');
  await save(other, 2);
  await portal.getByRole('button', { name: 'Save' }).click();
  const dialog = portal.getByRole('dialog', { name: /saved version 2 first/ });
  await expect(dialog.getByRole('link', { name: 'Compare version 1 with version 2' })).toHaveAttribute(
    'href',
    /history\?from=1&to=2$/,
  );
  await dialog.getByRole('button', { name: 'Save mine on top' }).click();
  await expect(portal.getByText('Version 3. Last changed')).toBeVisible();
  await expect(portal.getByLabel('Sender name')).toHaveValue('Mine');
});

test('cleared settings leave the project not set up, with its history', async ({ portal }) => {
  await openNewProject(portal, 'Cleared');
  await fillServer(portal, server.port, password);
  await save(portal, 1);
  await portal.getByRole('button', { name: 'Clear settings…' }).click();
  await portal.getByRole('dialog').getByRole('button', { name: 'Clear settings' }).click();
  await expect(portal.getByText('Not set up: mail of this project is accepted')).toBeVisible();
  await expect(portal.getByLabel('Server name or IP')).toHaveValue('');
  await portal.getByRole('link', { name: 'View history' }).click();
  await expect(portal.getByRole('row').filter({ hasText: 'Cleared' })).toBeVisible();
});
