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
  await row.getByRole('link', { name }).click();
  await expect(portal.getByRole('heading', { name: 'Mail settings' })).toBeVisible();
});
