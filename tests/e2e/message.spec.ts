import type { Page } from '@playwright/test';
import { addMember } from '#tests/support/add-member.ts';
import { expect, expectAccessible, signIn, test } from '#tests/support/e2e.ts';
import {
  inTwoDays,
  type MessageDesk,
  openMessageDesk,
  panelOf,
  rowsOf,
} from '#tests/support/message-desk.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);

let desk: MessageDesk;

test.beforeAll(async ({ browser }) => {
  desk = await openMessageDesk(browser, `one ${run}`);
});

/** The bytes of a mail as the inbox got them from the wire. */
async function inboxBytes(page: Page, subject: string): Promise<Buffer> {
  await page.goto('/inbox');
  await page.getByRole('row').filter({ hasText: subject }).click();
  const href = await page.getByRole('link', { name: 'Download as .eml' }).getAttribute('href');
  return (await page.request.get(href ?? '')).body();
}

test('a refused mail says whom and why, and arrives when it is sent again to another address', async ({
  portal,
}) => {
  const subject = `Refused ${run}`;
  const mail = await desk.program.send({ to: ['refused@lakeside.example'], subject });
  await portal.goto(`${desk.list}/${mail.id}`);
  await expect(portal.getByText('Try 1, refused for good')).toBeVisible();
  await expect(portal.getByText('550 5.1.1 No such mailbox here').first()).toBeVisible();
  await expectAccessible(portal);
  await portal.getByRole('button', { name: 'Send again' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Send this mail again?' });
  const address = dialog.getByRole('textbox', { name: 'Address' });
  await dialog.getByText('Another address').click();
  await address.fill('not an address');
  await dialog.getByRole('button', { name: 'Send again' }).click();
  await expect(address).toHaveAccessibleDescription('This is not an e-mail address.');
  await address.fill('kim@lakeside.example');
  await dialog.getByRole('button', { name: 'Send again' }).click();
  await portal.getByRole('button', { name: 'View' }).click();
  await expect(portal.getByText('Try 1, taken by the server')).toBeVisible();
  await expect(portal.getByRole('main').getByText('kim@lakeside.example').first()).toBeVisible();
  await portal.getByRole('link', { name: mail.id.slice(0, 18) }).click();
  await expect(portal.getByText('Sent again as another message')).toBeVisible();
  expect((await inboxBytes(portal, subject)).toString()).toContain(`Subject: ${subject}`);
  await expect(portal.getByRole('complementary').getByText('kim@lakeside.example').first()).toBeVisible();
});

test('a mail for later can be cancelled or tried now; the list says until when it waits', async ({
  portal,
}) => {
  const later = await desk.program.send({
    to: ['kim@lakeside.example'],
    subject: 'Later: never',
    sendAt: inTwoDays(),
  });
  const now = await desk.program.send({
    to: ['kim@lakeside.example'],
    subject: 'Later: now',
    sendAt: inTwoDays(),
  });
  await portal.goto(`${desk.list}?q=Later&message=${later.id}`);
  await expect(rowsOf(portal).first()).toContainText('to be sent in 2 days');
  await panelOf(portal).getByRole('button', { name: 'Cancel mail' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Cancel this mail?' });
  await expectAccessible(portal);
  await dialog.getByRole('button', { name: 'Cancel mail' }).click();
  await expect(panelOf(portal).getByText('Cancelled', { exact: true }).first()).toBeVisible();
  await expect(panelOf(portal).getByText('by dana@northwind.example')).toBeVisible();
  await portal.goto(`${desk.list}/${now.id}`);
  await portal.getByRole('button', { name: 'Try now' }).click();
  await expect(portal.getByText('Try 1, taken by the server')).toBeVisible();
  await expect(portal.getByText('Moved to the front of the queue', { exact: true })).toBeVisible();
});

test('captured mails stay until a person releases them', async ({ portal }) => {
  const subjects = [1, 2].map((number) => `Captured ${run} ${number}`);
  for (const subject of subjects) await desk.capturing.send({ to: ['kim@lakeside.example'], subject });
  await portal.goto(`${desk.list}?q=Captured`);
  for (const subject of subjects) {
    await expect(rowsOf(portal).filter({ hasText: subject })).toContainText('Captured');
  }
  await portal.goto('/inbox');
  await expect(portal.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(portal.getByRole('row').filter({ hasText: `Captured ${run}` })).toHaveCount(0);
  await portal.goto(`${desk.list}?q=Captured`);
  await portal.getByLabel('Select page').check();
  const bar = portal.getByRole('toolbar', { name: 'Selected rows' });
  await expect(bar.getByRole('button', { name: /^Cancel/ })).toHaveCount(0);
  await bar.getByRole('button', { name: 'Release 2' }).click();
  await portal.getByRole('dialog').getByRole('button', { name: 'Release 2 mails' }).click();
  await expect(bar).toBeHidden();
  for (const subject of subjects) {
    await expect(rowsOf(portal).filter({ hasText: subject })).toContainText('Sent');
    expect((await inboxBytes(portal, subject)).toString()).toContain(subject);
    await portal.goto(`${desk.list}?q=Captured`);
  }
});

test('the download has the very bytes that went over the wire', async ({ portal }) => {
  const subject = `Bytes ${run} ü`;
  const mail = await desk.program.send({
    to: ['kim@lakeside.example'],
    bcc: ['archive@lakeside.example'],
    subject,
    text: 'Line\n.dot\n\nü 漢字',
    html: '<h1>Bytes</h1><p>ü 漢字</p>',
    attachments: [{ filename: 'a.bin', content: Buffer.from([0, 1, 13, 10, 255]).toString('base64') }],
  });
  await portal.goto(`${desk.list}/${mail.id}`);
  await expect(portal.getByText('Try 1, taken by the server')).toBeVisible();
  await portal.getByRole('tab', { name: 'Content' }).click();
  await expect(portal.frameLocator('iframe').getByRole('heading', { name: 'Bytes' })).toBeVisible();
  await expectAccessible(portal);
  const saved = portal.waitForEvent('download');
  await portal.getByRole('link', { name: 'Download as .eml' }).click();
  expect((await saved).suggestedFilename()).toBe(`${mail.id}.eml`);
  const stored = await (await portal.request.get(`${desk.list}/${mail.id}/raw`)).body();
  expect(stored.toString()).not.toContain('archive@');
  expect(stored.equals(await inboxBytes(portal, subject))).toBe(true);
});

test('a viewer sees what happened, and neither content nor buttons', async ({ page, product }) => {
  const mail = await desk.program.send({
    to: ['kim@lakeside.example'],
    subject: 'For viewers',
    sendAt: inTwoDays(),
  });
  const email = await addMember(product, 'viewer', run);
  await signIn(page, { ...product, signIn: { ...product.signIn, email } });
  await page.goto(`${desk.list}?message=${mail.id}`);
  await expect(panelOf(page).getByRole('heading', { name: 'For viewers' })).toBeVisible();
  await expect(page.getByLabel('Select page')).toHaveCount(0);
  await expect(panelOf(page).getByRole('button', { name: 'Cancel mail' })).toHaveCount(0);
  for (const tab of ['Headers', 'Content']) {
    await panelOf(page).getByRole('tab', { name: tab }).click();
    // The pane that was left stands a moment longer, with the same sentence.
    const pane = panelOf(page).getByRole('tabpanel', { name: tab });
    await expect(pane.getByText('Content is for operators and administrators.')).toBeVisible();
  }
  await expectAccessible(page);
  for (const part of ['raw', 'preview']) {
    expect((await page.request.get(`${desk.list}/${mail.id}/${part}`)).status()).toBe(403);
  }
});
