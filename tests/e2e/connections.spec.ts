import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { expect, expectAccessible, test } from '#tests/support/e2e.ts';
import { makeProject, typeMailSettings } from '#tests/support/portal-steps.ts';

test('a connection is proved on demand, and the page says what fails and what to do', async ({ portal }) => {
  const server = await startRealServer();
  const name = `Proved ${Date.now().toString(36)}`;
  const slug = await makeProject(portal, name);
  await portal.goto(`/northwind/${slug}/mail-settings`);
  await typeMailSettings(portal, {
    from: 'desk@northwind.example',
    port: server.port,
    userName: 'sender@example.test',
    password: 'correct horse',
  });
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Version 1. Last changed')).toBeVisible();

  await portal.getByRole('link', { name: 'Connections', exact: true }).click();
  const row = portal.getByRole('row').filter({ hasText: name });
  await expect(row).toContainText(`127.0.0.1:${server.port}`);
  await row.getByRole('button', { name: 'Prove now' }).click();
  await expect(row).toContainText('Works');
  expect(server.mails).toHaveLength(0);

  await server.close();
  await row.getByRole('button', { name: 'Prove now' }).click();
  await expect(row).toContainText('Fails');
  await expect(row).toContainText('The server refused the connection on this port.');
  await expect(row).toContainText('Check the port');
  await expect(row).toContainText('It last worked');
  await expectAccessible(portal);
  await portal.getByRole('link', { name: 'Home', exact: true }).click();
  const project = portal.getByRole('table', { name: 'Projects' }).getByRole('row').filter({ hasText: name });
  await expect(project).toContainText('Proof fails');
  const need = portal.getByRole('listitem').filter({ hasText: 'The connection fails its proof' });
  await need.filter({ hasText: name }).getByRole('link', { name: 'Open connections' }).click();
  // The home page has such a row too, which leads elsewhere.
  await portal.waitForURL('**/northwind/-/connections');
  await expect(portal.getByRole('heading', { level: 1, name: 'Connections' })).toBeVisible();
  await row.getByRole('link', { name }).click();
  await expect(portal.getByRole('heading', { name: 'Mail settings' })).toBeVisible();
});

test('an organization chooses who sends its notices, and the home page says while nobody does', async ({
  portal,
}) => {
  await portal.goto('/northwind/-/settings');
  const sender = portal.getByLabel('Notices are sent by');
  await sender.selectOption('');
  const save = portal.getByRole('button', { name: 'Save' });
  if (await save.isEnabled()) {
    await save.click();
    await expect(save).toBeDisabled();
  }
  await portal.goto('/northwind');
  await portal.getByRole('link', { name: 'Choose a project' }).click();
  await expect(portal.getByText('No project is chosen, so nobody is told by mail.')).toBeVisible();
  await expectAccessible(portal);
  await sender.selectOption('Billing');
  await save.click();
  await expect(save).toBeDisabled();
  await portal.goto('/northwind');
  await expect(portal.getByRole('table', { name: 'Projects' })).toBeVisible();
  await expect(portal.getByRole('link', { name: 'Choose a project' })).toHaveCount(0);
  await portal.goto('/northwind/-/history');
  await expect(
    portal.getByRole('row').filter({ hasText: 'chose which project sends notices' }).first(),
  ).toBeVisible();
});
