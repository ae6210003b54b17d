import {
  type BacklogDesk,
  bulkBar,
  goLive,
  heldRows,
  openBacklogDesk,
  spendLimit,
  sendMany,
} from '#tests/support/backlog-desk.ts';
import { expect, expectAccessible, test } from '#tests/support/e2e.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);

let desk: BacklogDesk;

test.beforeAll(async ({ browser }) => {
  desk = await openBacklogDesk(browser, `runs ${run}`, 1);
  await spendLimit(desk, 1);
  await sendMany(desk, 260, { subject: 'Survey', category: 'surveys' });
  await sendMany(desk, 3, { subject: 'Not a survey', category: 'tickets' });
});

test('all that match are chosen but one, and what runs in the background shows after a reload', async ({
  portal,
}) => {
  await goLive(portal, `${desk.backlog}?category=surveys`);
  await expect(heldRows(portal)).toHaveCount(50);
  await expect(portal.getByText('260 match')).toBeVisible();
  await portal.getByLabel('Select page').check();
  await portal.getByRole('button', { name: 'Select all 260 that match' }).click();
  await portal.getByLabel('Select mail to person-2@lakeside.example').uncheck();
  await expect(portal.getByText('259 of the 260 that match are selected.')).toBeVisible();
  await portal.getByRole('button', { name: 'Next' }).click();
  await expect(portal.getByLabel('Select mail to person-51@lakeside.example')).toBeChecked();
  await bulkBar(portal).getByRole('button', { name: 'Resume…' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Resume 259 mails now?' });
  await dialog.getByText('At a pace').click();
  await dialog.getByLabel('Mails a minute').fill('0');
  await expect(dialog.getByText('A pace is a whole number from 1 to 100,000.')).toBeVisible();
  await dialog.getByLabel('Mails a minute').fill('60');
  await expect(dialog).toContainText('done in about 5 min');
  await dialog.getByRole('button', { name: 'Resume 259, pass the limit by 259' }).click();
  await expect(portal.getByText('Resuming 259 mails').first()).toBeVisible();
  await portal.reload();
  const progress = portal.getByRole('progressbar', { name: 'Resuming' });
  await expect(progress).toBeVisible();
  await expect(portal.getByText('that match Category is surveys')).toBeVisible();
  await expect(portal.getByText('60 a minute')).toBeVisible();
  await expect(portal.getByText(/^about .* left$/)).toBeVisible();
  await expectAccessible(portal);
  await portal.getByRole('button', { name: 'Stop' }).click();
  await expect(progress).toBeHidden();
  await expect(portal.getByText(/mails? resumed, then stopped by dana@northwind.example/)).toBeVisible();
});

test('more than a few are asked for once more, suspended in the background, and brought back', async ({
  portal,
}) => {
  await goLive(portal, `${desk.backlog}?category=surveys`);
  await portal.getByLabel('Select page').check();
  await portal.getByRole('button', { name: /^Select all \d+ that match$/ }).click();
  await bulkBar(portal).getByRole('button', { name: 'Suspend' }).click();
  const dialog = portal.getByRole('dialog', { name: /^Suspend \d+ mails\?$/ });
  await expect(dialog).toContainText('kept for ever');
  await dialog.getByRole('button', { name: /^Suspend \d+ mails$/ }).click();
  await expect(portal.getByText('No held mail matches')).toBeVisible();
  await expect(portal.getByText(/^\d+ mails suspended\.$/)).toBeVisible();
  await portal.getByRole('button', { name: 'Undo' }).last().click();
  await expect(heldRows(portal)).toHaveCount(50);
});
