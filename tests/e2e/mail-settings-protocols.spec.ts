import type { Page } from '@playwright/test';
import { expect, expectAccessible, test } from '#tests/support/e2e.ts';
import { makeProject } from '#tests/support/portal-steps.ts';

// So that the specs can run again on the same installation.
const run = Date.now().toString(36);

async function openNewProject(portal: Page, name: string): Promise<void> {
  await portal.goto('/northwind');
  const slug = await makeProject(portal, `${name} ${run}`);
  await portal.goto(`/northwind/${slug}/mail-settings`);
  await portal.getByLabel('From address').fill('desk@contoso.example');
}

async function chooseProtocol(portal: Page, name: string): Promise<void> {
  await portal.getByRole('radio', { name: new RegExp(`^${name}`) }).check({ force: true });
}

test('Graph asks for mailbox and app, and offers no other sign-in (PRODUCT 2.2, 2.7)', async ({ portal }) => {
  await openNewProject(portal, 'By Graph');
  await chooseProtocol(portal, 'Microsoft Graph');
  await expect(portal.getByLabel('Server name or IP')).toHaveCount(0);
  await expect(portal.getByLabel('Requires authentication')).toHaveCount(0);
  await expect(portal.getByLabel('Graph endpoint')).toHaveValue('https://graph.microsoft.com/v1.0');
  const scope = portal.getByRole('textbox', { name: /^Scope/ });
  await expect(scope).toHaveValue('Mail.ReadWrite Mail.Send.Shared offline_access');

  await portal.getByLabel('Cloud').selectOption('China (21Vianet)');
  await expect(portal.getByLabel('Graph endpoint')).toHaveValue(
    'https://microsoftgraph.chinacloudapi.cn/v1.0',
  );
  await expect(portal.getByLabel('Sign-in host')).toHaveValue('login.chinacloudapi.cn');
  await portal.getByLabel('Sign-in host').fill('login.microsoftonline.com');
  await expect(
    portal.getByText('The sign-in host of China (21Vianet) is login.chinacloudapi.cn.'),
  ).toBeVisible();
  await portal.getByLabel('Cloud').selectOption('Global');

  await portal.getByRole('button', { name: 'Use the least right' }).click();
  await expect(scope).toHaveValue('Mail.Send offline_access');
  await expect(portal.getByText(/cannot look a mail up after an answer was lost/).first()).toBeVisible();
  await chooseProtocol(portal, 'SMTP/SMTPS');
  await chooseProtocol(portal, 'Microsoft Graph');
  await expect(scope).toHaveValue('Mail.Send offline_access');
  await expectAccessible(portal);
});

test('settings for Graph are saved with a secret that nobody reads again', async ({ portal }) => {
  await openNewProject(portal, 'Kept secret');
  await chooseProtocol(portal, 'Microsoft Graph');
  await portal.getByLabel('Mailbox', { exact: true }).fill('desk@contoso.example');
  await portal.getByLabel('Tenant').fill('contoso.example');
  await portal.getByLabel('Client ID', { exact: true }).fill('11111111-2222-3333-4444-555555555555');
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByRole('textbox', { name: /^Client secret(?!.*ends)/ })).toBeFocused();
  await portal.getByRole('textbox', { name: /^Client secret(?!.*ends)/ }).fill('the value of it');
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Version 1. Last changed')).toBeVisible();
  await portal.reload();
  await expect(portal.getByRole('button', { name: 'Replace client secret' })).toBeVisible();
  expect(await portal.content()).not.toContain('the value of it');

  await portal.getByText('How to register the app at Microsoft').click();
  const redirect = await portal.getByRole('textbox', { name: 'Redirect URL' }).inputValue();
  expect(redirect).toBe(`${new URL(portal.url()).origin}/oauth/callback`);
  await expect(portal.getByRole('listitem').filter({ hasText: redirect })).toBeVisible();
});

test('scope and authorization server follow the mail server until somebody types others (PRODUCT 2.8)', async ({
  portal,
}) => {
  await openNewProject(portal, 'By OAuth');
  await portal.getByRole('radio', { name: 'Microsoft 365' }).check({ force: true });
  await portal.getByText('OAuth', { exact: true }).click();
  const scope = portal.getByRole('textbox', { name: /^Scope/ });
  await expect(scope).toHaveValue('https://outlook.office.com/SMTP.Send offline_access');
  await expect(portal.getByLabel('Sign-in host')).toHaveValue('login.microsoftonline.com');
  await expect(portal.getByLabel(/^Password/)).toHaveCount(0);

  await portal.getByLabel('Server name or IP').fill('smtp.gmail.com');
  await expect(scope).toHaveValue('https://mail.google.com/');
  await expect(portal.getByLabel('Token URL')).toHaveValue('https://oauth2.googleapis.com/token');
  await scope.fill('my.own.scope');
  await portal.getByLabel('Server name or IP').fill('smtp.office365.com');
  await expect(scope).toHaveValue('my.own.scope');
});

test('Exchange Web Services take a password or OAuth, and say when Exchange Online ends them (PRODUCT 2.15)', async ({
  portal,
}) => {
  await openNewProject(portal, 'By EWS');
  await chooseProtocol(portal, 'Exchange Web Services');
  await portal.getByLabel('Connect URL').fill('https://outlook.office365.com/EWS/Exchange.asmx');
  await expect(portal.getByText(/ends it on 2027-04-01/)).toBeVisible();
  await expect(portal.getByText('Exchange Online takes no password for EWS.')).toBeVisible();
  await portal.getByLabel('Connect URL').fill('http://mail.contoso.example/EWS/Exchange.asmx');
  await portal.getByText('NTLM', { exact: true }).click();
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByLabel('Connect URL')).toHaveAccessibleDescription(/https/);
  await expectAccessible(portal);
});
