import type { Page } from '@playwright/test';
import { expect, expectAccessible, test } from '#tests/support/e2e.ts';
import { makeProject } from '#tests/support/portal-steps.ts';
import { type Issuer, startIssuer } from '#tests/servers/oauth/issuer.ts';
import { makeAuthority, makeCertificate, type TestCertificate } from '#tests/servers/smtp/certificates.ts';

// So that the specs can run again on the same installation.
const run = Date.now().toString(36);
const mailbox = 'desk@contoso.example';
const host = '127.0.0.1';

// The provider's own pages have a certificate that the browser does not know.
test.use({ ignoreHTTPSErrors: true });

let authority: TestCertificate;
let issuer: Issuer;

test.beforeAll(async ({ product }) => {
  authority = await makeAuthority();
  issuer = await startIssuer({
    kind: 'microsoft',
    host,
    certificate: await makeCertificate({ names: [host], authority }),
    clients: [
      {
        clientId: 'mailroom',
        secret: 'the value of it',
        redirectUris: [`${product.portalUrl}/oauth/callback`],
      },
    ],
    accounts: [mailbox, 'ada@contoso.example'],
  });
});
test.afterAll(() => issuer.close());

/** A project whose saved settings need a consent at the issuer of this spec. */
async function saveOauth(portal: Page, name: string): Promise<string> {
  await portal.goto('/northwind');
  const slug = await makeProject(portal, `${name} ${run}`);
  await portal.goto(`/northwind/${slug}/mail-settings`);
  await portal.getByLabel('From address').fill(mailbox);
  await portal.getByRole('radio', { name: 'Microsoft 365' }).check({ force: true });
  await portal.getByText('OAuth', { exact: true }).click();
  await portal.getByLabel('User name', { exact: true }).fill(mailbox);
  await portal.getByLabel('Sign-in host').fill(`${host}:${issuer.port}`);
  await portal.getByLabel('Tenant').fill(issuer.tenant);
  await portal.getByLabel('Client ID', { exact: true }).fill('mailroom');
  await portal.getByRole('textbox', { name: /^Client secret(?!.*ends)/ }).fill('the value of it');
  await portal.getByText('Add a custom CA').click();
  await portal.getByLabel('Custom CA').fill(authority.cert);
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Version 1. Last changed')).toBeVisible();
  return slug;
}

test('a person consents at the provider and comes back connected (PRODUCT 2.9)', async ({ portal }) => {
  const slug = await saveOauth(portal, 'Consent');
  await portal.getByRole('button', { name: 'Connect', exact: true }).click();
  await portal.getByRole('radio', { name: 'ada@contoso.example' }).check();
  await portal.getByRole('button', { name: 'Accept' }).click();
  await portal.waitForURL(`**/northwind/${slug}/mail-settings?consent=OAUTH_WRONG_ACCOUNT`);
  await expect(portal.getByText('Another account consented than the configured mailbox.')).toBeVisible();

  await portal.getByRole('button', { name: 'Connect', exact: true }).click();
  await portal.getByRole('radio', { name: mailbox }).check();
  await portal.getByRole('button', { name: 'Accept' }).click();
  await portal.waitForURL(`**/northwind/${slug}/mail-settings?consent=given`);
  await expect(portal.getByRole('button', { name: 'Connect again' })).toBeVisible();
  await expectAccessible(portal);
});

test('the owner of a mailbox consents by a link, without an account here (PRODUCT 2.20)', async ({
  portal,
  browser,
}) => {
  const slug = await saveOauth(portal, 'By link');
  await portal.getByRole('button', { name: 'Make a consent link…' }).click();
  await portal.getByRole('button', { name: 'Make link' }).click();
  const link = await portal.getByRole('textbox', { name: 'Consent link' }).inputValue();
  await portal.getByRole('button', { name: 'Done' }).click();

  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const owner = await context.newPage();
  await owner.goto(link);
  await expect(owner.getByText('Send mail as this mailbox by SMTP.')).toBeVisible();
  await expect(owner.getByText('https://outlook.office.com/SMTP.Send')).toBeVisible();
  await expectAccessible(owner);
  await owner.getByRole('button', { name: `Sign in as ${mailbox}` }).click();
  await owner.getByRole('button', { name: 'Accept' }).click();
  await owner.waitForURL('**/oauth/done?code=given');
  await expect(owner.getByRole('heading', { name: 'Thank you, that was all' })).toBeVisible();
  await expectAccessible(owner);
  await owner.goto(link);
  await expect(owner.getByRole('heading', { name: 'This link is closed' })).toBeVisible();
  await context.close();

  await portal.goto(`/northwind/${slug}/mail-settings`);
  await expect(portal.getByText(`consent link for ${mailbox}`)).toBeVisible();
  await expect(portal.getByText('Connected', { exact: true })).toBeVisible();
});

test('an open link is closed from its card, and a connected mailbox is disconnected', async ({
  portal,
  browser,
}) => {
  const slug = await saveOauth(portal, 'Ended');
  await portal.getByRole('button', { name: 'Make a consent link…' }).click();
  await portal.getByRole('button', { name: 'Make link' }).click();
  const link = await portal.getByRole('textbox', { name: 'Consent link' }).inputValue();
  await portal.getByRole('button', { name: 'Done' }).click();
  await portal.getByRole('button', { name: 'End the open link…' }).click();
  const ending = portal.getByRole('dialog', { name: 'End the open link?' });
  await expectAccessible(portal);
  await ending.getByRole('button', { name: 'End the link' }).click();
  await expect(portal.getByRole('button', { name: 'End the open link…' })).toHaveCount(0);
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const owner = await context.newPage();
  await owner.goto(link);
  await expect(owner.getByRole('heading', { name: 'This link is closed' })).toBeVisible();
  await context.close();

  await portal.getByRole('button', { name: 'Connect', exact: true }).click();
  await portal.getByRole('radio', { name: mailbox }).check();
  await portal.getByRole('button', { name: 'Accept' }).click();
  await portal.waitForURL(`**/northwind/${slug}/mail-settings?consent=given`);
  await portal.getByRole('button', { name: 'Disconnect…' }).click();
  const disconnecting = portal.getByRole('dialog', { name: 'Disconnect the mailbox?' });
  await expect(disconnecting).toContainText('Microsoft takes no token back from an app');
  await disconnecting.getByRole('button', { name: 'Disconnect' }).click();
  await expect(portal.getByRole('button', { name: 'Connect', exact: true })).toBeVisible();
  await portal.goto('/northwind');
  const row = portal
    .getByRole('table', { name: 'Projects' })
    .getByRole('row')
    .filter({ hasText: `Ended ${run}` });
  await expect(row).toContainText('No consent');
});
