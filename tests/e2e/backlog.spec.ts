import {
  type BacklogDesk,
  bulkBar,
  goLive,
  heldRows,
  openBacklogDesk,
  spendLimit,
} from '#tests/support/backlog-desk.ts';
import { expect, expectAccessible, test } from '#tests/support/e2e.ts';
import { rowsOf } from '#tests/support/message-desk.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);

let desk: BacklogDesk;

test.beforeAll(async ({ browser }) => {
  desk = await openBacklogDesk(browser, `backlog ${run}`, 2);
  await spendLimit(desk, 2);
});

test('a resume says by how much it passes the limit, and sends although it is reached (PRODUCT 5.5)', async ({
  portal,
}) => {
  await goLive(portal, desk.list);
  await expect(rowsOf(portal).filter({ hasText: 'Sent' })).toHaveCount(2);
  for (const name of ['ines', 'paul', 'tom'])
    await desk.program.send({ to: [`${name}@lakeside.example`], subject: `For ${name}` });
  await expect(portal.getByText("Today's limit of 2 is reached.")).toBeVisible();
  await portal.getByRole('link', { name: 'Review backlog' }).click();
  await expect(portal.getByRole('heading', { level: 1, name: 'Backlog' })).toBeVisible();
  await expect(portal.getByText(`3 mails of ${desk.name} are held`)).toBeVisible();
  await expect(portal.getByText("Today's limit is reached: 2 of 2.")).toBeVisible();
  await expect(heldRows(portal)).toHaveCount(3);
  await expect(heldRows(portal).first()).toContainText('Daily limit');
  await expectAccessible(portal);
  await portal.getByLabel('Select page').check();
  await bulkBar(portal).getByRole('button', { name: 'Resume…' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Resume 3 mails now?' });
  await expect(dialog).toContainText("They go out although today's limit is reached.");
  for (const line of ['Sent today 2', 'These mails + 3', 'Limit of the day 2', 'Passed by 3 mails (150%)'])
    await expect(dialog.getByRole('row', { name: line })).toBeVisible();
  await expectAccessible(portal);
  await dialog.getByRole('button', { name: 'Resume 3, pass the limit by 3' }).click();
  await expect(portal.getByText('3 mails resumed')).toBeVisible();
  await expect(portal.getByText('The limit is passed by 3')).toBeVisible();
  await expect(portal.getByText('Nothing is held')).toBeVisible();
  await goLive(portal, desk.list);
  await expect(rowsOf(portal).filter({ hasText: 'Sent' })).toHaveCount(5);
});

test('a suspend can be undone, and a suspended mail goes back to the backlog', async ({ portal }) => {
  await desk.program.send({ to: ['noor@lakeside.example'], subject: 'To be suspended' });
  await goLive(portal, `${desk.backlog}?q=suspended`);
  await expect(heldRows(portal)).toHaveCount(1);
  await portal.getByLabel('Select mail to noor@lakeside.example').check();
  await bulkBar(portal).getByRole('button', { name: 'Suspend' }).click();
  await expect(portal.getByText('1 mail suspended', { exact: true })).toBeVisible();
  await expect(heldRows(portal)).toHaveCount(0);
  await portal.getByLabel('Notifications alt+T').getByRole('button', { name: 'Undo' }).click();
  await expect(portal.getByText('Undone: the mails are in the backlog again')).toBeVisible();
  await expect(heldRows(portal)).toHaveCount(1);
  await portal.getByLabel('Select mail to noor@lakeside.example').check();
  await bulkBar(portal).getByRole('button', { name: 'Suspend' }).click();
  await expect(heldRows(portal)).toHaveCount(0);
  await goLive(portal, desk.suspended);
  await expect(portal.getByText('Suspended mails are kept for ever')).toBeVisible();
  await portal.getByLabel('Select mail to noor@lakeside.example').check();
  await bulkBar(portal).getByRole('button', { name: 'Back to backlog' }).click();
  await expect(portal.getByText('Nothing is suspended')).toBeVisible();
  await goLive(portal, `${desk.backlog}?q=suspended`);
  await expect(heldRows(portal)).toHaveCount(1);
});

test('keys alone search, move, tick, ask for a resume and suspend', async ({ portal }) => {
  await desk.program.send({ to: ['eva@lakeside.example'], subject: 'Keyboard one' });
  await desk.program.send({ to: ['otto@lakeside.example'], subject: 'Keyboard two' });
  await goLive(portal, desk.backlog);
  await portal.keyboard.press('/');
  await expect(portal.getByLabel('Search to, subject, id')).toBeFocused();
  await portal.keyboard.type('Keyboard');
  await expect(portal).toHaveURL(/[?&]q=Keyboard/);
  await expect(heldRows(portal)).toHaveCount(2);
  await portal.keyboard.press('Tab');
  await portal.keyboard.press('j');
  await portal.keyboard.press('x');
  await portal.keyboard.press('j');
  await portal.keyboard.press('Shift+X');
  await expect(bulkBar(portal)).toContainText('2 selected');
  await portal.keyboard.press('r');
  const dialog = portal.getByRole('dialog', { name: 'Resume 2 mails now?' });
  await expect(dialog.getByRole('button', { name: /^Resume 2, pass/ })).toBeVisible();
  await portal.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(bulkBar(portal)).toContainText('2 selected');
  await portal.keyboard.press('Escape');
  await expect(bulkBar(portal)).toBeHidden();
  await portal.keyboard.press('k');
  await portal.keyboard.press('x');
  await portal.keyboard.press('s');
  await expect(portal.getByText('1 mail suspended', { exact: true })).toBeVisible();
  await expect(heldRows(portal)).toHaveCount(1);
  // "g" and then a letter goes to a page, whatever the letter does alone.
  await portal.keyboard.press('g');
  await portal.keyboard.press('u');
  await expect(portal).toHaveURL(new RegExp(`${desk.suspended}$`));
});

test('filters and the order stand in the address; a row opens its mail; the organization has all', async ({
  portal,
}) => {
  await desk.program.send({
    to: ['high@lakeside.example'],
    subject: 'Sorted: high',
    priority: 'high',
    category: 'sorting',
  });
  await desk.program.send({
    to: ['two@lakeside.example', 'more@lakeside.example'],
    subject: 'Sorted: normal',
    category: 'sorting',
  });
  await goLive(portal, `${desk.backlog}?category=sorting`);
  await expect(portal.getByText('2 match')).toBeVisible();
  await portal.getByRole('button', { name: 'Recipients' }).click();
  await expect(portal).toHaveURL(/[?&]sort=-recipients/);
  await expect(heldRows(portal).first()).toContainText('Sorted: normal');
  await portal.getByRole('button', { name: 'Filter', exact: true }).click();
  await portal.getByRole('button', { name: 'Priority' }).click();
  await portal.getByRole('button', { name: 'high' }).click();
  await expect(portal).toHaveURL(/[?&]priority=high/);
  await expect(heldRows(portal)).toHaveCount(1);
  await heldRows(portal).first().click();
  const panel = portal.getByRole('complementary', { name: 'Message' });
  await expect(panel.getByRole('heading', { name: 'Sorted: high' })).toBeVisible();
  await expect(panel).toContainText('The daily limit is reached.');
  await expect(panel.getByRole('button', { name: 'Resume…' })).toBeVisible();
  await portal.goto(`${desk.backlog}?category=none-of-these`);
  await expect(portal.getByText('No held mail matches')).toBeVisible();
  await portal.getByRole('link', { name: 'Clear filters' }).click();
  await expect(portal).toHaveURL(new RegExp(`${desk.backlog}$`));
  await goLive(portal, `/northwind/-/backlog?category=sorting&project=${desk.slug}`);
  await expect(heldRows(portal)).toHaveCount(2);
  await expect(heldRows(portal).first()).toContainText(desk.name);
  await expectAccessible(portal);
});

test('a mail that waits is held by hand, and says so everywhere', async ({ portal }) => {
  const sendAt = new Date(Date.now() + 172_800_000).toISOString();
  const { id } = await desk.program.send({ to: ['later@lakeside.example'], subject: 'Held by hand', sendAt });
  await goLive(portal, `${desk.list}?q=Held`);
  await portal.getByLabel('Select mail to later@lakeside.example').check();
  await bulkBar(portal).getByRole('button', { name: 'Hold 1' }).click();
  await expect(portal.getByText('1 mail held')).toBeVisible();
  await expect(rowsOf(portal).first()).toContainText('Backlog');
  await expect(rowsOf(portal).first()).toContainText('a person has stopped it');
  await goLive(portal, `${desk.list}/${id}`);
  await portal.getByRole('button', { name: 'Suspend' }).click();
  await expect(portal.getByRole('button', { name: 'Back to backlog' })).toBeVisible();
  await portal.getByRole('button', { name: 'Back to backlog' }).click();
  await expect(portal.getByRole('button', { name: 'Resume…' })).toBeVisible();
  await goLive(portal, '/northwind');
  await expect(
    portal.getByRole('table', { name: 'Projects' }).getByRole('row').filter({ hasText: desk.name }),
  ).toContainText('At limit');
});

test('the list of a backlog is downloaded as a table', async ({ portal }) => {
  await desk.program.send({ to: ['csv@lakeside.example'], subject: 'In the table', category: 'exporting' });
  await goLive(portal, `${desk.backlog}?category=exporting`);
  await portal.getByRole('button', { name: 'Export' }).click();
  const coming = portal.waitForEvent('download');
  await portal.getByRole('menuitem', { name: 'Table of the mails (.csv)' }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/backlog.*\.csv$/);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  expect(text).toContain('csv@lakeside.example');
  expect(text).toContain('In the table');
  expect(text).not.toContain('Keyboard');
});

for (const theme of ['light', 'dark'] as const) {
  test(`fits a phone in the ${theme} theme`, async ({ portal }) => {
    await desk.program.send({
      to: ['a-rather-long-name@subsidiary.lakeside.example', 'kim@lakeside.example'],
      subject: 'A subject that is longer than a phone is wide, as subjects of service desks are',
      category: `phone-${theme}`,
    });
    await portal.setViewportSize({ width: 390, height: 844 });
    await portal.evaluate((chosen) => localStorage.setItem('theme', chosen), theme);
    for (const path of [
      `${desk.backlog}?category=phone-${theme}`,
      '/northwind/-/backlog',
      desk.suspended,
      desk.limits,
      '/northwind/-/limits',
    ]) {
      await goLive(portal, path);
      const width = await portal.evaluate(() => document.documentElement.scrollWidth);
      expect(width, `${path} scrolls sideways`).toBe(390);
      await expectAccessible(portal);
    }
    await goLive(portal, `${desk.backlog}?category=phone-${theme}`);
    await portal.getByLabel(/^Select mail to/).check();
    await bulkBar(portal).getByRole('button', { name: 'Resume…' }).click();
    const dialog = portal.getByRole('dialog');
    await expect(dialog.getByRole('button', { name: 'Resume 1, pass the limit by' })).toBeInViewport();
    await expectAccessible(portal);
  });
}
