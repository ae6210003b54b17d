import type { Page } from '@playwright/test';
import { startEwsSimulator, defaultEwsSimulatorOptions } from '#tests/servers/ews/simulator.ts';
import { allScopes } from '#tests/servers/graph/options.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import { type Issuer, startIssuer } from '#tests/servers/oauth/issuer.ts';
import { makeAuthority, makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { xoauth2Options } from '#tests/servers/smtp/token-server.ts';
import { expect, type RunningProduct, test } from '#tests/support/e2e.ts';
import { mailProgram, makeKey, makeProject } from '#tests/support/portal-steps.ts';
import { waitUntil } from '#tests/support/wait-for.ts';

// The provider's page has a certificate of these tests' own authority, as the mail servers do.
test.use({ ignoreHTTPSErrors: true });

// So that the specs can run again on the same installation.
const run = Date.now().toString(36);
const mailbox = 'billing@contoso.example';
const clientSecret = 'the-value-of-the-client-secret';
const authority = await makeAuthority();
const certificate = await makeCertificate({ names: ['localhost', '127.0.0.1'], authority });

function provider(kind: 'microsoft' | 'google', product: RunningProduct): Promise<Issuer> {
  const redirectUris = [`${product.portalUrl}/oauth/callback`];
  return startIssuer({
    kind,
    certificate,
    clients: [{ clientId: 'mailroom', secret: clientSecret, redirectUris }],
    accounts: [mailbox, 'ada@contoso.example'],
  });
}

async function openNewProject(portal: Page, name: string): Promise<string> {
  await portal.goto('/northwind');
  const slug = await makeProject(portal, `${name} ${run}`);
  await portal.goto(`/northwind/${slug}/mail-settings`);
  await portal.getByLabel('From address').fill(mailbox);
  return slug;
}

async function trust(portal: Page, ...certificates: readonly string[]): Promise<void> {
  await portal.getByRole('button', { name: 'Add a custom CA' }).click();
  await portal.getByLabel('Custom CA').fill(certificates.join('\n'));
}

async function save(portal: Page): Promise<void> {
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Version 1. Last changed')).toBeVisible();
}

/** Goes to the provider, agrees as that account and comes back. */
async function consent(portal: Page, account: string): Promise<void> {
  await portal.getByRole('button', { name: /^Connect/ }).click();
  await portal.getByRole('radio', { name: account }).check();
  await portal.getByRole('button', { name: 'Accept' }).click();
  await portal.waitForURL('**/mail-settings?consent=*');
  // The provider would go on with the account that has signed in; cookies know no ports.
  await portal.context().clearCookies({ name: /^_(?:session|interaction)/ });
}

async function sendMail(portal: Page, product: RunningProduct, slug: string, subject: string): Promise<void> {
  await portal.goto(`/northwind/${slug}/keys`);
  const program = mailProgram(product, slug, await makeKey(portal, 'Program'));
  await program.send({ to: ['kim@lakeside.example'], bcc: ['archive@contoso.example'], subject });
}

test('SMTP by OAuth: another account is refused, the mailbox consents, and its mail goes out', async ({
  portal,
  product,
}) => {
  const issuer = await provider('google', product);
  const server = await startRealServer(
    xoauth2Options(certificate, async (userName, token) => {
      const known = await issuer.readToken(token);
      return known?.account === userName;
    }),
  );
  try {
    const slug = await openNewProject(portal, 'SMTP by OAuth');
    await portal.getByLabel('Server name or IP').fill('localhost');
    await portal.getByLabel('Port', { exact: true }).fill(String(server.port));
    await trust(portal, authority.cert);
    await portal.getByText('OAuth', { exact: true }).click();
    await portal.getByLabel('User name', { exact: true }).fill(mailbox);
    await portal.getByRole('radio', { name: 'Google', exact: true }).check({ force: true });
    await portal.getByLabel('Authorization URL').fill(issuer.authorizationUrl);
    await portal.getByLabel('Token URL').fill(issuer.tokenUrl);
    await portal.getByLabel('Client ID', { exact: true }).fill('mailroom');
    await portal.getByRole('textbox', { name: /^Client secret(?!.*ends)/ }).fill(clientSecret);
    await portal.getByRole('textbox', { name: /^Scope/ }).fill('https://mail.google.com/');
    await save(portal);
    await expect(portal.getByText('Consent missing')).toBeVisible();
    await sendMail(portal, product, slug, 'Waits for consent');
    expect(server.mails).toHaveLength(0);

    await portal.goto(`/northwind/${slug}/mail-settings`);
    await consent(portal, 'ada@contoso.example');
    await expect(portal.getByText('Consent missing')).toBeVisible();
    await consent(portal, mailbox);
    await expect(portal.getByText('Connected', { exact: true })).toBeVisible();
    await waitUntil('the mail that waited', () => server.mails.length === 1);
    expect(server.mails[0]).toMatchObject({ user: mailbox, isSecure: true });
    expect(server.mails[0]?.raw).not.toContain('archive@contoso.example');
  } finally {
    await server.close();
    await issuer.close();
  }
});

test('Microsoft Graph: from the form, over consent, to the mail in Sent Items', async ({
  portal,
  product,
}) => {
  const issuer = await provider('microsoft', product);
  const graph = await startGraphServer({
    authority,
    mailboxes: [mailbox],
    readToken: async (token) => {
      const known = await issuer.readToken(token);
      return known === null ? null : { clientId: 'mailroom', mailbox: known.account, scopes: allScopes };
    },
  });
  try {
    const slug = await openNewProject(portal, 'Graph');
    await portal.getByRole('radio', { name: /^Microsoft Graph/ }).check({ force: true });
    await portal.getByLabel('Graph endpoint').fill(graph.endpoint);
    await portal.getByLabel('Mailbox', { exact: true }).fill(mailbox);
    await trust(portal, authority.cert);
    await portal.getByLabel('Tenant').fill(issuer.tenant);
    await portal.getByLabel('Sign-in host').fill(`localhost:${issuer.port}`);
    await portal.getByLabel('Client ID', { exact: true }).fill('mailroom');
    await portal.getByRole('textbox', { name: /^Client secret(?!.*ends)/ }).fill(clientSecret);
    await save(portal);
    await consent(portal, mailbox);
    await expect(portal.getByText('Connected', { exact: true })).toBeVisible();

    await sendMail(portal, product, slug, 'By Graph');
    await waitUntil('the mail at Graph', () => graph.deliveries.length === 1);
    expect(graph.deliveries[0]).toMatchObject({ mailbox, subject: 'By Graph' });
    expect([...(graph.deliveries[0]?.to ?? [])].toSorted()).toEqual([
      'archive@contoso.example',
      'kim@lakeside.example',
    ]);
    await portal.goto(`/northwind/${slug}/messages`);
    await expect(portal.getByRole('row').filter({ hasText: 'By Graph' }).getByText('Sent')).toBeVisible();
  } finally {
    await graph.close();
    await issuer.close();
  }
});

test('Exchange Web Services with NTLM: from the form, over the test mail, to the mailbox', async ({
  portal,
  product,
}) => {
  const ews = await startEwsSimulator({
    ...defaultEwsSimulatorOptions,
    offered: ['ntlm'],
    maySendAs: [mailbox],
  });
  try {
    const slug = await openNewProject(portal, 'EWS');
    await portal.getByRole('radio', { name: /^Exchange Web Services/ }).check({ force: true });
    await portal.getByLabel('Connect URL').fill(ews.url);
    await trust(portal, ews.certificate);
    await portal.getByText('NTLM', { exact: true }).click();
    await portal.getByLabel('User name', { exact: true }).fill('EXAMPLE\\sender');
    await portal.getByLabel(/^Password/).fill('correct horse');
    await portal.getByRole('button', { name: 'Send test mail' }).click();
    const panel = portal.getByRole('complementary', { name: 'Test mail' });
    await panel.getByText('Another address').click();
    await panel.getByLabel('Address of the test mail').fill('somebody@contoso.example');
    await panel.getByRole('button', { name: 'Send test mail' }).click();
    await expect(panel.getByText('Passed', { exact: true })).toBeVisible();
    await portal.keyboard.press('Escape');
    await save(portal);

    const before = ews.mails.length;
    await sendMail(portal, product, slug, 'By EWS');
    await waitUntil('the mail at Exchange', () => ews.mails.length === before + 1);
    expect(ews.mails.at(-1)?.content).toContain('Subject: By EWS');
  } finally {
    await ews.close();
  }
});
