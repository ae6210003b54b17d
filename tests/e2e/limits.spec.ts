import {
  type BacklogDesk,
  goLive,
  heldRows,
  openBacklogDesk,
  spendLimit,
} from '#tests/support/backlog-desk.ts';
import { expect, expectAccessible, test } from '#tests/support/e2e.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);

let desk: BacklogDesk;

test.beforeAll(async ({ browser }) => {
  desk = await openBacklogDesk(browser, `limits ${run}`, 1);
  await spendLimit(desk, 1);
});

test('a limit of the organization shows its effect before it is saved, and 0 is refused (PRODUCT 5.1)', async ({
  portal,
}) => {
  await goLive(portal, '/northwind/-/limits');
  const table = portal.getByRole('table', { name: 'Limits' });
  await expect(table).toContainText('MAIL_LIMIT_PER_DAY_SMTP');
  await expect(table).toContainText('RECIPIENTS_LIMIT_PER_MAIL_GRAPH');
  await table.getByRole('link', { name: 'Change Mails a day, EWS' }).click();
  const field = portal.getByLabel('New limit');
  await expect(field).toBeFocused();
  await field.fill('2,000');
  const effect = portal.getByRole('table', { name: 'Effect of the change' });
  await expect(effect.getByRole('row', { name: /Room left today no limit [\d,]+/ })).toBeVisible();
  await expectAccessible(portal);
  await field.fill('0');
  await expect(portal.getByText('0 is not a limit. To stop all mail, pause sending instead.')).toBeVisible();
  await expect(portal.getByRole('button', { name: 'Set limit to 0' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await field.fill('many');
  await expect(portal.getByText('This is a whole number, such as 25,000.')).toBeVisible();
  await field.fill('2000');
  await portal.getByRole('button', { name: 'Set limit to 2,000' }).click();
  await expect(portal.getByText('Mails a day, EWS: limit is 2,000')).toBeVisible();
  await expect(table.getByRole('row').filter({ hasText: 'MAIL_LIMIT_PER_DAY_EWS' })).toContainText(
    /[\d,]+ of 2,000/,
  );
  await table.getByRole('link', { name: 'Change Mails a day, EWS' }).click();
  await portal.getByLabel('New limit').fill('');
  await portal.getByRole('button', { name: 'Remove limit' }).click();
  await expect(portal.getByText('Mails a day, EWS: no limit any more')).toBeVisible();
  await portal.getByRole('link', { name: 'View history' }).click();
  await expect(portal.getByRole('table').getByRole('row').nth(1)).toContainText('dana@northwind.example');
});

test('the last 30 days are read as a table too', async ({ portal }) => {
  await goLive(portal, desk.limits);
  await portal.getByRole('button', { name: 'Show as a table' }).click();
  const days = portal.getByRole('region', { name: 'Days' }).getByRole('table');
  await expect(days.getByRole('row')).toHaveCount(31);
  await expect(days.getByRole('row').nth(1)).toContainText(/1\s*0\s*1/);
});

test('auto resume lets go what a raised limit has room for, ticked before the raise or after it (PRODUCT 5.6)', async ({
  portal,
}) => {
  for (const name of ['ines', 'paul', 'tom'])
    await desk.program.send({ to: [`${name}@lakeside.example`], subject: `For ${name}` });
  await goLive(portal, desk.backlog);
  await expect(heldRows(portal)).toHaveCount(3);
  await expect(portal.getByText('Auto resume is off.')).toBeVisible();
  await portal.getByRole('button', { name: 'Change auto resume' }).click();
  await portal.getByRole('dialog').getByText('On', { exact: true }).click();
  await expectAccessible(portal);
  await portal.getByRole('dialog').getByRole('button', { name: 'Save auto resume' }).click();
  await expect(portal.getByText('Auto resume is on.')).toBeVisible();
  await expect(portal.getByText(/Next: at 00:00 Europe\/Berlin, 1 of 3\./)).toBeVisible();

  await goLive(portal, desk.limits);
  await portal.getByRole('link', { name: `Change Mails a day, ${desk.name}` }).click();
  await portal.getByLabel('New limit').fill('2');
  await expect(portal.getByRole('row', { name: 'Go out on saving, by auto resume – 1' })).toBeVisible();
  await portal.getByRole('button', { name: 'Set limit to 2' }).click();
  await goLive(portal, desk.backlog);
  await expect(heldRows(portal)).toHaveCount(2);
  await expect(heldRows(portal).first()).toContainText('For paul');

  await portal.getByRole('button', { name: 'Change auto resume' }).click();
  await portal.getByRole('dialog').getByText('Off', { exact: true }).click();
  await portal.getByRole('dialog').getByRole('button', { name: 'Save auto resume' }).click();
  await expect(portal.getByText('Auto resume is off.')).toBeVisible();
  await goLive(portal, desk.limits);
  await portal.getByRole('link', { name: `Change Mails a day, ${desk.name}` }).click();
  await portal.getByLabel('New limit').fill('');
  await portal.getByRole('button', { name: 'Remove limit' }).click();
  await goLive(portal, desk.backlog);
  await expect(heldRows(portal)).toHaveCount(2);
  await portal.getByRole('button', { name: 'Change auto resume' }).click();
  await portal.getByRole('dialog').getByText('On', { exact: true }).click();
  await portal.getByRole('dialog').getByRole('button', { name: 'Save auto resume' }).click();
  await expect(portal.getByText('Nothing is held')).toBeVisible();
});

test('what a day is and what becomes of too many recipients are chosen in words', async ({ portal }) => {
  await goLive(portal, '/northwind/-/limits');
  await portal
    .getByRole('button', { name: 'Change what happens to a mail with too many recipients' })
    .click();
  const dialog = portal.getByRole('dialog', { name: 'Mails with too many recipients' });
  await dialog.getByText('Refuse', { exact: true }).click();
  await expectAccessible(portal);
  await dialog.getByRole('button', { name: 'Save choice' }).click();
  await expect(portal.getByText('It is refused at the door')).toBeVisible();
  await portal
    .getByRole('button', { name: 'Change what happens to a mail with too many recipients' })
    .click();
  await dialog.getByText('Hold', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Save choice' }).click();
  await expect(portal.getByText('It waits in the backlog until')).toBeVisible();
  await portal.getByRole('button', { name: 'Change what a day is' }).click();
  const day = portal.getByRole('dialog', { name: 'What a day is' });
  await day.getByText('Last 24 hours', { exact: true }).click();
  await day.getByRole('button', { name: 'Save day' }).click();
  await expect(portal.getByText(/From .* on: the last 24 hours\./)).toBeVisible();
  await portal.getByRole('button', { name: 'Change what a day is' }).click();
  await day.getByText('Calendar day', { exact: true }).click();
  await day.getByRole('button', { name: 'Save day' }).click();
  await expect(portal.getByText(/on: the last 24 hours/)).toHaveCount(0);
});
