import { expect, expectAccessible, test } from '#tests/support/e2e.ts';

test('the demo mail arrives in the built-in inbox and can be read safely', async ({ portal }) => {
  await portal.goto('/inbox');
  const row = portal.getByRole('row').filter({ hasText: 'Welcome to the Northwind portal, Ines' });
  await expect(async () => {
    await portal.reload();
    await expect(row).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await row.click();
  const panel = portal.getByRole('complementary', { name: 'Mail' });
  await expect(panel.getByText('ines.okafor@lakeside.example').first()).toBeVisible();
  const frame = panel.locator('iframe');
  await expect(frame).toHaveAttribute('sandbox', 'allow-popups allow-popups-to-escape-sandbox');
  await expect(panel.frameLocator('iframe').getByRole('heading', { name: 'Welcome, Ines' })).toBeVisible();
  await expectAccessible(portal);
});

test('the bytes of a mail are saved, not shown', async ({ portal }) => {
  await portal.goto('/inbox');
  await portal.getByRole('row').filter({ hasText: 'Invoice 2026-1180' }).click();
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
    await portal.goto('/inbox');
    const row = portal.getByRole('row').filter({ hasText: subject }).filter({ hasText: 'ines.okafor' });
    await expect(async () => {
      await portal.reload();
      await expect(row).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
    await expect(row).toContainText(server);
    await row.click();
    const panel = portal.getByRole('complementary', { name: 'Mail' });
    await expect(panel.getByText('ines.okafor@lakeside.example').first()).toBeVisible();
  });
}
