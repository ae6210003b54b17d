import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Locator, Page } from '@playwright/test';
import {
  expect,
  expectAccessible,
  queryProduct,
  type RunningProduct,
  runningProduct,
  signIn,
  test,
} from '#tests/support/e2e.ts';
import { mailProgram, makeKey, makeProject, typeMailSettings } from '#tests/support/portal-steps.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);
const slug = `message-desk-${run}`;
const list = `/northwind/${slug}/messages`;

let program: ReturnType<typeof mailProgram>;
/** Its key captures what it hands over. */
let capturing: ReturnType<typeof mailProgram>;

test.beforeAll(async ({ browser }) => {
  const product = runningProduct();
  const page = await browser.newPage({ baseURL: product.portalUrl });
  await signIn(page, product);
  await makeProject(page, `Message desk ${run}`);
  await page.goto(`/northwind/${slug}/mail-settings`);
  await typeMailSettings(page, {
    from: 'desk@northwind.example',
    port: product.inboxPort,
    userName: 'desk',
    password: 'a secret',
  });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Version 1. Last changed')).toBeVisible();
  await page.goto(`/northwind/${slug}/keys`);
  program = mailProgram(product, slug, await makeKey(page, 'Program'));
  capturing = mailProgram(product, slug, await makeKey(page, 'Staging', 'Capture: nothing leaves'));
  await page.close();
});

function rows(page: Page): Locator {
  return page.getByRole('table', { name: 'Messages' }).locator('tbody').getByRole('row');
}

function panelOf(page: Page): Locator {
  return page.getByRole('complementary', { name: 'Message' });
}

function inTwoDays(): string {
  return new Date(Date.now() + 172_800_000).toISOString();
}

/** The bytes of a mail as the inbox got them from the wire. */
async function inboxBytes(page: Page, subject: string): Promise<Buffer> {
  await page.goto('/inbox');
  await page.getByRole('row').filter({ hasText: subject }).click();
  const href = await page.getByRole('link', { name: 'Download as .eml' }).getAttribute('href');
  return (await page.request.get(href ?? '')).body();
}

test('filters stand in the address, and the back button takes them back one by one', async ({ portal }) => {
  await program.send({ to: ['refused@lakeside.example'], subject: 'Filtered: refused', category: 'surveys' });
  await program.send({ to: ['kim@lakeside.example'], subject: 'Filtered: taken', tags: ['autumn'] });
  await portal.goto(`${list}?q=Filtered`);
  await expect(rows(portal)).toHaveCount(2);
  await expect(rows(portal).filter({ hasText: 'Filtered: refused' })).toContainText('Failed');
  await portal
    .getByRole('navigation', { name: 'Filter by state' })
    .getByRole('link', { name: /^Failed/ })
    .click();
  await expect(portal).toHaveURL(/[?&]state=failed/);
  await expect(rows(portal)).toHaveCount(1);
  await portal.getByRole('button', { name: 'Filter', exact: true }).click();
  await portal.getByRole('button', { name: 'Tag', exact: true }).click();
  await portal.getByLabel('Tag').fill('autumn');
  await portal.getByRole('button', { name: 'Apply' }).click();
  await expect(portal.getByText('No mail matches')).toBeVisible();
  await expect(portal).toHaveURL(/[?&]tag=autumn/);
  await expectAccessible(portal);
  await portal.goBack();
  await expect(rows(portal)).toHaveCount(1);
  await portal.goBack();
  await expect(portal).not.toHaveURL(/state=/);
  await expect(rows(portal)).toHaveCount(2);
  await portal.goto(`${list}?tag=autumn&category=general`);
  await expect(rows(portal)).toHaveCount(1);
  await portal.getByRole('button', { name: 'Remove filter Tag' }).click();
  await expect(portal).not.toHaveURL(/tag=/);
  await portal.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(portal).not.toHaveURL(/category=/);
});

test('pages go on from a mail, not from a number: none is left out and none comes twice', async ({
  portal,
}) => {
  const subjects = Array.from({ length: 60 }, (_, index) => `Paged mail ${index + 1}`);
  await program.sendBatch(
    subjects.map((subject) => ({ to: ['paged@lakeside.example'], subject, text: 'x', category: 'paging' })),
  );
  await portal.goto(`${list}?category=paging`);
  await expect(rows(portal)).toHaveCount(50);
  const shown = async () => {
    const texts = await rows(portal).allInnerTexts();
    return texts.flatMap((text) => /Paged mail \d+/.exec(text) ?? []);
  };
  const first = await shown();
  await expect(portal.getByRole('button', { name: 'Previous' })).toHaveAccessibleDescription(
    'This is the first page.',
  );
  // A mail that comes in meanwhile moves no page.
  await program.send({ to: ['paged@lakeside.example'], subject: 'Came in later', category: 'paging' });
  await portal.getByRole('button', { name: 'Next' }).click();
  await expect(rows(portal)).toHaveCount(10);
  expect([...first, ...(await shown())].toSorted()).toEqual(subjects.toSorted());
  await portal.getByRole('button', { name: 'Previous' }).click();
  await expect(rows(portal)).toHaveCount(50);
  expect(await shown()).toEqual(first);
});

test('keys alone search, move, tick, open and close', async ({ portal }) => {
  await program.send({ to: ['one@lakeside.example'], subject: 'Keyboard one', sendAt: inTwoDays() });
  await program.send({ to: ['two@lakeside.example'], subject: 'Keyboard two', sendAt: inTwoDays() });
  await portal.goto(list);
  // The page answers keys as soon as it says so.
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await portal.keyboard.press('/');
  await expect(portal.getByLabel('Subject, recipient or Message-ID')).toBeFocused();
  await portal.keyboard.type('Keyboard');
  await expect(portal).toHaveURL(/[?&]q=Keyboard/);
  await expect(rows(portal)).toHaveCount(2);
  await portal.keyboard.press('Tab');
  await portal.keyboard.press('j');
  await portal.keyboard.press('j');
  await expect(rows(portal).nth(1)).toBeFocused();
  await portal.keyboard.press('x');
  await expect(portal.getByRole('toolbar', { name: 'Selected rows' })).toContainText('1 selected');
  await portal.keyboard.press('k');
  await portal.keyboard.press('Enter');
  await expect(panelOf(portal).getByRole('heading', { name: 'Keyboard two' })).toBeVisible();
  await expect(portal).toHaveURL(/[?&]message=/);
  await expectAccessible(portal);
  await portal.keyboard.press('Escape');
  await expect(portal.getByRole('toolbar', { name: 'Selected rows' })).toBeHidden();
  await expect(panelOf(portal)).toBeVisible();
  await portal.keyboard.press('Escape');
  await expect(panelOf(portal)).toBeHidden();
  await expect(portal).toHaveURL(/[?&]q=Keyboard/);
});

test('a refused mail says whom and why, and arrives when it is sent again to another address', async ({
  portal,
}) => {
  const subject = `Refused ${run}`;
  const mail = await program.send({ to: ['refused@lakeside.example'], subject });
  await portal.goto(`${list}/${mail.id}`);
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
  const later = await program.send({
    to: ['kim@lakeside.example'],
    subject: 'Later: never',
    sendAt: inTwoDays(),
  });
  const now = await program.send({
    to: ['kim@lakeside.example'],
    subject: 'Later: now',
    sendAt: inTwoDays(),
  });
  await portal.goto(`${list}?q=Later&message=${later.id}`);
  await expect(rows(portal).first()).toContainText(/to be sent in 47 h \d\d min/);
  await panelOf(portal).getByRole('button', { name: 'Cancel mail' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Cancel this mail?' });
  await expectAccessible(portal);
  await dialog.getByRole('button', { name: 'Cancel mail' }).click();
  await expect(panelOf(portal).getByText('Cancelled', { exact: true }).first()).toBeVisible();
  await expect(panelOf(portal).getByText('by dana@northwind.example')).toBeVisible();
  await portal.goto(`${list}/${now.id}`);
  await portal.getByRole('button', { name: 'Try now' }).click();
  await expect(portal.getByText('Try 1, taken by the server')).toBeVisible();
  await expect(portal.getByText('Moved to the front of the queue', { exact: true })).toBeVisible();
});

test('captured mails stay until a person releases them', async ({ portal }) => {
  const subjects = [1, 2].map((number) => `Captured ${run} ${number}`);
  for (const subject of subjects) await capturing.send({ to: ['kim@lakeside.example'], subject });
  await portal.goto(`${list}?q=Captured`);
  for (const subject of subjects) {
    await expect(rows(portal).filter({ hasText: subject })).toContainText('Captured');
  }
  await portal.goto('/inbox');
  await expect(portal.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(portal.getByRole('row').filter({ hasText: `Captured ${run}` })).toHaveCount(0);
  await portal.goto(`${list}?q=Captured`);
  await portal.getByLabel('Select page').check();
  const bar = portal.getByRole('toolbar', { name: 'Selected rows' });
  await expect(bar.getByRole('button', { name: /^Cancel/ })).toHaveCount(0);
  await bar.getByRole('button', { name: 'Release 2' }).click();
  await portal.getByRole('dialog').getByRole('button', { name: 'Release 2 mails' }).click();
  await expect(bar).toBeHidden();
  for (const subject of subjects) {
    await expect(rows(portal).filter({ hasText: subject })).toContainText('Sent');
    expect((await inboxBytes(portal, subject)).toString()).toContain(subject);
    await portal.goto(`${list}?q=Captured`);
  }
});

/** A server that counts who asks it for anything, and a mail that tries everything to make a reader ask it. */
async function startTrap() {
  const asked: string[] = [];
  let html = '';
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    response.setHeader('content-type', 'text/html');
    response.end(path === '/' ? html : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The trap has no port.');
  const at = `http://127.0.0.1:${address.port}`;
  html = `<!doctype html><html><head><link rel="stylesheet" href="${at}/style.css">
    <meta http-equiv="refresh" content="0; url=${at}/refresh">
    </head><body onload="new Image().src='${at}/onload'">
    <h1>A mail with traps</h1><script>document.title = 'ran'; new Image().src = '${at}/script'</script>
    <img src="${at}/image.png" alt="" width="1"><img src="x:" onerror="new Image().src='${at}/onerror'" alt="">
    <div style="background:url(${at}/background.png)">text</div><iframe src="${at}/frame"></iframe>
    <form action="${at}/form" method="get"><button>Confirm</button></form>
    <a href="javascript:void(new Image().src='${at}/link')">Open</a></body></html>`;
  return { asked, at, html, close: () => new Promise((done) => server.close(done)) };
}

test('the preview of a mail runs nothing and asks nobody', async ({ portal, page, context }) => {
  const trap = await startTrap();
  const mail = await program.send({ to: ['kim@lakeside.example'], subject: 'Traps', html: trap.html });
  await portal.goto(`${list}/${mail.id}`);
  await portal.getByRole('tab', { name: 'Content' }).click();
  const frame = portal.frameLocator('iframe[title="The mail as HTML"]');
  await expect(frame.getByRole('heading', { name: 'A mail with traps' })).toBeVisible();
  await frame.getByRole('button', { name: 'Confirm' }).click();
  await frame.getByRole('link', { name: 'Open' }).click();
  // The same address opened by itself is no way around the frame.
  const alone = await context.newPage();
  await alone.goto(`${list}/${mail.id}/preview`);
  await expect(alone.getByRole('heading', { name: 'A mail with traps' })).toBeVisible();
  expect(await alone.title()).not.toBe('ran');
  expect(trap.asked).toEqual([]);
  // Where nothing holds them, the traps do snap.
  await page.goto(trap.at);
  const traps = [
    'style.css',
    'image.png',
    'background.png',
    'script',
    'onerror',
    'onload',
    'frame',
    'refresh',
  ];
  await expect.poll(() => trap.asked).toEqual(expect.arrayContaining(traps.map((name) => `/${name}`)));
  await trap.close();
});

test('the download has the very bytes that went over the wire', async ({ portal }) => {
  const subject = `Bytes ${run} ü`;
  const mail = await program.send({
    to: ['kim@lakeside.example'],
    bcc: ['archive@lakeside.example'],
    subject,
    text: 'Line\n.dot\n\nü 漢字',
    html: '<h1>Bytes</h1><p>ü 漢字</p>',
    attachments: [{ filename: 'a.bin', content: Buffer.from([0, 1, 13, 10, 255]).toString('base64') }],
  });
  await portal.goto(`${list}/${mail.id}`);
  await expect(portal.getByText('Try 1, taken by the server')).toBeVisible();
  await portal.getByRole('tab', { name: 'Content' }).click();
  await expect(portal.frameLocator('iframe').getByRole('heading', { name: 'Bytes' })).toBeVisible();
  await expectAccessible(portal);
  const saved = portal.waitForEvent('download');
  await portal.getByRole('link', { name: 'Download as .eml' }).click();
  expect((await saved).suggestedFilename()).toBe(`${mail.id}.eml`);
  const stored = await (await portal.request.get(`${list}/${mail.id}/raw`)).body();
  expect(stored.toString()).not.toContain('archive@');
  expect(stored.equals(await inboxBytes(portal, subject))).toBe(true);
});

async function addViewer(product: RunningProduct): Promise<string> {
  const email = `vera.${run}@northwind.example`;
  await queryProduct(
    `with made as (
       insert into mailroom.users (id, email, name, password_hash)
       select gen_random_uuid(), $1, 'Vera', password_hash from mailroom.users where email = $2 returning id
     )
     insert into mailroom.memberships (organization_id, user_id, role)
     select o.id, made.id, 'viewer' from made, mailroom.organizations o where o.slug = 'northwind'`,
    [email, product.signIn.email],
  );
  return email;
}

test('a viewer sees what happened, and neither content nor buttons', async ({ page, product }) => {
  const mail = await program.send({
    to: ['kim@lakeside.example'],
    subject: 'For viewers',
    sendAt: inTwoDays(),
  });
  const email = await addViewer(product);
  await signIn(page, { ...product, signIn: { ...product.signIn, email } });
  await page.goto(`${list}?message=${mail.id}`);
  await expect(panelOf(page).getByRole('heading', { name: 'For viewers' })).toBeVisible();
  await expect(page.getByLabel('Select page')).toHaveCount(0);
  await expect(panelOf(page).getByRole('button', { name: 'Cancel mail' })).toHaveCount(0);
  for (const tab of ['Headers', 'Content']) {
    await panelOf(page).getByRole('tab', { name: tab }).click();
    await expect(panelOf(page).getByText('Content is for operators and administrators.')).toBeVisible();
  }
  await expectAccessible(page);
  for (const part of ['raw', 'preview']) {
    expect((await page.request.get(`${list}/${mail.id}/${part}`)).status()).toBe(403);
  }
});
