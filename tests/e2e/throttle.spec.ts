import type { Page } from '@playwright/test';
import { expect, expectAccessible, test } from '#tests/support/e2e.ts';
import { makeProject } from '#tests/support/portal-steps.ts';

// So that the specs can run again on the same installation.
const run = Date.now().toString(36);
const mailbox = 'desk@contoso.example';

async function typeGraph(portal: Page, name: string): Promise<void> {
  await portal.goto('/northwind');
  const slug = await makeProject(portal, `${name} ${run}`);
  await portal.goto(`/northwind/${slug}/mail-settings`);
  await portal.getByLabel('From address').fill(mailbox);
  await portal.getByText('Microsoft Graph', { exact: true }).first().click();
  await portal.getByLabel('Mailbox', { exact: true }).fill(mailbox);
  await portal.getByLabel('Tenant').fill('contoso.onmicrosoft.com');
  await portal.getByLabel('Client ID', { exact: true }).fill(`app-${run}`);
  await portal.getByRole('textbox', { name: /^Client secret(?!.*ends)/ }).fill('the value of it');
}

async function save(portal: Page): Promise<void> {
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Version 1. Last changed')).toBeVisible();
}

test('a shared throttle is told while it is typed and after it is saved (PRODUCT 2.13)', async ({
  portal,
}) => {
  await typeGraph(portal, 'Throttled one');
  await save(portal);
  await expect(portal.getByText(/four requests at a time for all/)).toBeHidden();
  await typeGraph(portal, 'Throttled two');
  const warning = portal.getByText(`together with Throttled one ${run}: four requests at a time for all.`);
  await expect(warning).toBeVisible();
  await expectAccessible(portal);
  const clientId = portal.getByRole('textbox', { name: /^Client ID/ });
  await clientId.fill(`second-app-${run}`);
  await expect(warning).toBeHidden();
  await clientId.fill(`app-${run}`);
  await save(portal);
  await expect(warning).toHaveCount(1);
  await portal.reload();
  await expect(warning).toBeVisible();
});
