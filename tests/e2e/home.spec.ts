import { expect, expectAccessible, queryProduct, test } from '#tests/support/e2e.ts';

const phone = { width: 390, height: 844 };

test('shows every project with its state, and opens one, with no word of complaint by the browser', async ({
  portal,
}) => {
  const complaints: string[] = [];
  portal.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  portal.on('pageerror', (error) => complaints.push(error.message));
  await portal.reload();
  await expect(portal.getByRole('heading', { level: 1, name: 'Northwind Services' })).toBeVisible();
  const table = portal.getByRole('table', { name: 'Projects' });
  await expect(table.getByRole('row').filter({ hasText: 'Billing' })).toContainText('SMTP');
  await expectAccessible(portal);
  await table.getByRole('row').filter({ hasText: 'Billing' }).click();
  await expect(portal).toHaveURL(/\/northwind\/billing$/);
  await expect(portal.getByRole('heading', { level: 1, name: 'Billing' })).toBeVisible();
  await expect(portal).toHaveTitle('Billing · Mailroom');
  await portal.getByRole('button', { name: 'Show as a table' }).click();
  await expect(portal.getByRole('region', { name: /^Mails an hour of Billing/ })).toBeVisible();
  await expectAccessible(portal);
  expect(complaints).toEqual([]);
  // As Next does between two pages: the tab keeps its title, and the page goes on.
  await portal.evaluate(() => document.querySelector('head > title')?.remove());
  await expect(portal).toHaveTitle('Billing · Mailroom');
  await portal.getByRole('button', { name: 'Show as a chart' }).click();
  await expect(portal.getByRole('button', { name: 'Show as a table' })).toBeVisible();
});

for (const theme of ['light', 'dark'] as const) {
  test(`fits a phone in the ${theme} theme`, async ({ portal }) => {
    await portal.setViewportSize(phone);
    await portal.evaluate((chosen) => localStorage.setItem('theme', chosen), theme);
    for (const path of [
      '/northwind',
      '/northwind/billing',
      '/northwind/billing/keys',
      '/northwind/-/history',
    ]) {
      await portal.goto(path);
      await expect(portal.getByRole('heading', { level: 1 })).toBeVisible();
      const width = await portal.evaluate(() => document.documentElement.scrollWidth);
      expect(width, `${path} scrolls sideways`).toBe(phone.width);
      await expectAccessible(portal);
    }
  });
}

test('a new project is made, renamed, archived and restored, each in the history', async ({ portal }) => {
  const slug = `lab-${Date.now().toString(36)}`;
  await portal.getByRole('link', { name: 'New project' }).last().click();
  const dialog = portal.getByRole('dialog', { name: 'New project' });
  await dialog.getByLabel('Name', { exact: true }).fill('Lab sandbox');
  await expect(dialog.getByLabel('Short name')).toHaveValue('lab-sandbox');
  await expectAccessible(portal);
  await dialog.getByLabel('Short name').fill('-bad-');
  await dialog.getByRole('button', { name: 'Create project' }).click();
  await expect(dialog).toContainText('begins and ends with a letter or digit');
  await dialog.getByLabel('Short name').fill(slug);
  await dialog.getByRole('button', { name: 'Create project' }).click();
  await expect(portal).toHaveURL(new RegExp(`/northwind/${slug}$`));
  await portal.getByRole('textbox', { name: 'Name' }).fill('Lab');
  await portal.getByRole('button', { name: 'Rename' }).click();
  await expect(portal.getByRole('heading', { level: 1, name: 'Lab' })).toBeVisible();
  await portal.getByRole('button', { name: 'Archive project' }).click();
  await portal.getByRole('dialog').getByRole('button', { name: 'Archive project' }).click();
  await expect(portal.getByText('This project is archived.')).toBeVisible();
  await portal.getByRole('button', { name: 'Restore project' }).click();
  await expect(portal.getByText('This project is archived.')).toBeHidden();
  await portal.goto(`/northwind/${slug}/history`);
  for (const words of [
    'created the project',
    'renamed the project',
    'archived the project',
    'restored the project',
  ])
    await expect(portal.getByRole('row').filter({ hasText: words })).toBeVisible();
});

test('pausing says how many wait, shows on every page and is ended by one button', async ({ portal }) => {
  await portal.goto('/northwind/billing');
  await portal.getByRole('button', { name: 'Pause sending' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Pause sending of Billing?' });
  await expect(dialog).toContainText(/wait|waits/);
  await dialog.getByRole('button', { name: 'Pause sending' }).click();
  const banner = portal.getByText('Sending is paused by');
  await expect(banner).toBeVisible();
  await portal.goto('/northwind/billing/keys');
  await expect(banner).toBeVisible();
  await portal.goto('/northwind');
  await expect(portal.getByRole('heading', { name: 'Needs a person now' })).toBeVisible();
  await portal.getByRole('button', { name: 'Start sending' }).click();
  await expect(banner).toBeHidden();
});

test('a stop of the server shows by itself on an open page, in words, and can be tried again', async ({
  portal,
}) => {
  await portal.goto('/northwind/billing');
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await queryProduct(
    `update mailroom.lanes l set stopped_at = now(), stop_code = 'SMTP_AUTH_REFUSED', stop_stage = 'authenticate',
       stop_reply = '535 5.7.8 no' from mailroom.projects p where p.lane_id = l.id and p.slug = 'billing'`,
  );
  await expect(portal.getByText('The server did not accept the user name and password.')).toBeVisible();
  await expect(portal.getByText('535 5.7.8 no')).toBeVisible();
  await expectAccessible(portal);
  await portal.getByRole('button', { name: 'Try again now' }).click();
  await expect(portal.getByText('The server did not accept the user name and password.')).toBeHidden();
});
