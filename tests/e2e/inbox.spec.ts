import type { Locator, Page } from '@playwright/test';
import { expect, expectAccessible, test } from '#tests/support/e2e.ts';

/** Turns the pages of the inbox until the mail is there: the newest stand first, and other specs send mail too. */
async function findMail(portal: Page, row: Locator): Promise<void> {
  const first = portal.getByRole('table').locator('tbody').getByRole('row').first();
  await expect(async () => {
    await portal.goto('/inbox');
    await expect(first).toBeVisible({ timeout: 5_000 });
    while ((await row.count()) === 0) {
      const words = await first.innerText();
      await portal.getByRole('button', { name: 'Next', disabled: false }).click({ timeout: 2_000 });
      await expect(first).not.toHaveText(words, { timeout: 10_000, useInnerText: true });
    }
  }).toPass({ timeout: 120_000 });
}

test('the demo mail arrives in the built-in inbox and can be read safely', async ({ portal }) => {
  const row = portal.getByRole('row').filter({ hasText: 'Welcome to the Northwind portal, Ines' });
  await findMail(portal, row);
  await row.click();
  const panel = portal.getByRole('complementary', { name: 'Mail' });
  await expect(panel.getByText('ines.okafor@lakeside.example').first()).toBeVisible();
  const frame = panel.locator('iframe');
  await expect(frame).toHaveAttribute('sandbox', 'allow-popups allow-popups-to-escape-sandbox');
  await expect(panel.frameLocator('iframe').getByRole('heading', { name: 'Welcome, Ines' })).toBeVisible();
  await expectAccessible(portal);
});

test('the bytes of a mail are saved, not shown', async ({ portal }) => {
  const row = portal.getByRole('row').filter({ hasText: 'Invoice 2026-1180' });
  await findMail(portal, row);
  await row.click();
  const download = portal.waitForEvent('download');
  await portal.getByRole('link', { name: 'Download as .eml' }).click();
  expect((await download).suggestedFilename()).toMatch(/\.eml$/);
});

for (const { project, subject, server } of [
  { project: 'Field visits', subject: 'Your visit on Thursday at 8:00', server: 'Microsoft Graph' },
  { project: 'Warehouse', subject: 'Delivery note 77301', server: 'Exchange' },
  { project: 'Events', subject: 'Open house at 12 Harbour Street', server: 'SMTP' },
]) {
  test(`the mail of ${project} is there too, taken by ${server}`, async ({ portal }) => {
    const row = portal.getByRole('row').filter({ hasText: subject }).filter({ hasText: 'ines.okafor' });
    await findMail(portal, row);
    await expect(row).toContainText(server);
    await row.click();
    const panel = portal.getByRole('complementary', { name: 'Mail' });
    await expect(panel.getByText('ines.okafor@lakeside.example').first()).toBeVisible();
  });
}
