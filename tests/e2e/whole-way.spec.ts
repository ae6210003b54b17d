import type { Page } from '@playwright/test';
import { expect, expectAccessible, signIn, test } from '#tests/support/e2e.ts';
import {
  type AcceptedMail,
  mailProgram,
  makeKey,
  makeProject,
  type TypedSettings,
  typeMailSettings,
} from '#tests/support/portal-steps.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);
const project = `Order desk ${run}`;
const slug = `order-desk-${run}`;
const recipient = `noor.${run}@lakeside.example`;
const subject = `Order ${run} is on its way`;
const laterSubject = `Order ${run} waits for the pause`;

test('from sign-in to the mail in the inbox, and over a pause', async ({ page, product }) => {
  const settings: TypedSettings = {
    from: 'orders@northwind.example',
    port: product.inboxPort,
    userName: 'orders',
    password: 'a secret that nobody sees again',
  };
  await test.step('sign in, home, a project', async () => {
    await signIn(page, product);
    await expect(page.getByRole('heading', { level: 1, name: 'Northwind Services' })).toBeVisible();
    await makeProject(page, project);
    await expect(page.getByText('Mail is not set up.')).toBeVisible();
  });
  await test.step('settings typed by hand and tried before they are saved', () =>
    trySettings(page, settings));
  await test.step('saved, with a version in the history and no secret in it', () =>
    saveSettings(page, settings));
  const program = await test.step('an API key', async () => {
    await page.getByRole('link', { name: 'API keys' }).click();
    return mailProgram(product, slug, await makeKey(page, 'Shop'));
  });
  const mail = await test.step('a mail by HTTP', () =>
    program.send({
      to: [recipient],
      subject,
      text: 'Your order left us today.',
      html: '<h1>On its way</h1><p>Your order left us today.</p>',
    }));
  await test.step('found in the list and sent on its page', () => findMail(page, mail));
  await test.step('read in the inbox', () => readInInbox(page, subject, 'On its way'));
  await test.step('paused: a mail waits and says why; started: it arrives', async () => {
    await pause(page);
    const waiting = await program.send({ to: [recipient], subject: laterSubject });
    await resume(page, waiting);
  });
});

async function trySettings(page: Page, settings: TypedSettings): Promise<void> {
  await page.getByRole('link', { name: 'Mail settings' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Mail settings' })).toBeVisible();
  await typeMailSettings(page, settings);
  await page.getByRole('button', { name: 'Send test mail' }).click();
  const panel = page.getByRole('complementary', { name: 'Test mail' });
  await expect(panel.getByText(/^Unsaved values/)).toBeVisible();
  await panel.getByRole('button', { name: 'Send test mail' }).click();
  const steps = panel.getByRole('listitem');
  for (const step of ['Connect', 'Greet', 'Authenticate', 'Sender', 'Recipient', 'Content'])
    await expect(steps.filter({ hasText: `${step}, done` })).toBeVisible();
  await expect(panel.getByText('Passed', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
}

async function saveSettings(page: Page, { from, password }: TypedSettings): Promise<void> {
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Version 1. Last changed')).toBeVisible();
  await page.getByLabel('Sender name').fill('Northwind orders');
  await page.getByRole('button', { name: 'Replace' }).click();
  await page.getByLabel('Password', { exact: true }).fill(`${password}, changed`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Version 2. Last changed')).toBeVisible();
  await page.getByRole('link', { name: 'View history' }).click();
  await expect(page.getByRole('heading', { name: 'History of mail settings' })).toBeVisible();
  const versions = page.getByRole('row').filter({ hasText: 'dana@northwind.example' });
  await expect(versions).toHaveCount(2);
  await expect(versions.first()).toContainText('Sender name, Password');
  await expect(versions.last()).toContainText('Set up');
  expect(await page.content()).not.toContain(password);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Mail settings' }).first().click();
  await expect(page.getByLabel('From address')).toHaveValue(from);
  expect(await page.content()).not.toContain(password);
}

async function findMail(page: Page, mail: AcceptedMail): Promise<void> {
  await page.getByRole('link', { name: 'Messages', exact: true }).click();
  const table = page.getByRole('table', { name: 'Messages' });
  const row = table.getByRole('row').filter({ hasText: subject });
  const search = page.getByLabel('Subject, recipient or Message-ID');
  await expect(row).toContainText('Sent');
  for (const words of [`${run} way`, recipient, mail.messageId]) {
    await search.fill('no mail has these words');
    await expect(page.getByText('No mail matches')).toBeVisible();
    await search.fill(words);
    await expect(row).toBeVisible();
    await expect(table.getByRole('row')).toHaveCount(2);
  }
  await row.click();
  const panel = page.getByRole('complementary', { name: 'Message' });
  await panel.getByRole('link', { name: 'Open page' }).click();
  await expect(page).toHaveURL(new RegExp(`/${slug}/messages/${mail.id}$`));
  await expect(page.getByRole('heading', { level: 1, name: subject })).toBeVisible();
  const main = page.getByRole('main');
  await expect(main.getByText('Sent', { exact: true })).toBeVisible();
  await expect(main.getByText('Try 1, taken by the server')).toBeVisible();
  await expect(main.getByText('250 OK: message queued').first()).toBeVisible();
  await expect(main.getByText('1 of 1 accepted')).toBeVisible();
  await expectAccessible(page);
}

async function readInInbox(page: Page, words: string, heading: string): Promise<void> {
  await page.getByRole('link', { name: 'Inbox' }).click();
  await page.getByRole('row').filter({ hasText: words }).click();
  const panel = page.getByRole('complementary', { name: 'Mail' });
  await expect(panel.getByText(recipient).first()).toBeVisible();
  await expect(panel.frameLocator('iframe').getByRole('heading', { name: heading })).toBeVisible();
}

async function pause(page: Page): Promise<void> {
  await page.goto(`/northwind/${slug}`);
  await page.getByRole('button', { name: 'Pause sending' }).click();
  const dialog = page.getByRole('dialog', { name: `Pause sending of ${project}?` });
  await dialog.getByRole('button', { name: 'Pause sending' }).click();
  await expect(page.getByText('Sending is paused by')).toBeVisible();
}

async function resume(page: Page, mail: AcceptedMail): Promise<void> {
  await page.goto(`/northwind/${slug}/messages`);
  const row = page.getByRole('row').filter({ hasText: laterSubject });
  await expect(row).toContainText('Queued');
  await expect(row).toContainText('sending is paused');
  await page.goto(`/northwind/${slug}/messages/${mail.id}`);
  await expect(page.getByText('Sending is paused for this project.').first()).toBeVisible();
  await page.getByRole('button', { name: 'Start sending' }).click();
  await expect(page.getByText('Sending is paused by')).toBeHidden();
  // Without a reload: the open page hears of it.
  await expect(page.getByText('Try 1, taken by the server')).toBeVisible();
  await page.goto('/inbox');
  await expect(page.getByRole('row').filter({ hasText: laterSubject })).toBeVisible();
}
