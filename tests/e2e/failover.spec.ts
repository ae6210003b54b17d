import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { expect, expectAccessible, test } from '#tests/support/e2e.ts';
import { freePort } from '#tests/support/free-port.ts';
import { mailProgram, makeKey, makeProject, typeMailSettings } from '#tests/support/portal-steps.ts';

/** What another process does: a send, a probe, a page that hears of it. */
const outside = { timeout: 60_000 };

test('an alternate with values of its own takes the mail of a primary that is not there, until a person reconnects', async ({
  portal,
  product,
}) => {
  const alternate = await startRealServer();
  const slug = await makeProject(portal, `Failover ${Date.now().toString(36)}`);
  const settings = `/northwind/${slug}/mail-settings`;

  await portal.goto(settings);
  await typeMailSettings(portal, {
    from: 'desk@northwind.example',
    port: await freePort(),
    userName: 'desk',
    password: 'the password of the primary',
  });
  await expect(portal.getByLabel('Alternate has its own')).toHaveCount(0);
  await portal.getByLabel('Alternate server').fill('127.0.0.1');
  await portal.getByLabel('Alternate has its own').check();
  await portal.getByLabel('Port of the alternate').fill(String(alternate.port));
  await portal.getByLabel('Sign-in at the alternate').selectOption('User name and password of its own');
  await portal.getByLabel('User name at the alternate').fill('sender@example.test');
  await portal.getByLabel('Password at the alternate').fill('correct horse');
  await expectAccessible(portal);
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Version 1. Last changed')).toBeVisible(outside);

  // Each server is tested by its own values.
  await portal.getByRole('button', { name: 'Send test mail' }).click();
  const test = portal.getByRole('complementary', { name: 'Test mail' });
  await test.getByRole('radio', { name: 'Alternate' }).check();
  await test.getByRole('button', { name: 'Send test mail' }).click();
  await expect(test.getByText('The server took the mail')).toBeVisible(outside);
  expect(alternate.mails).toHaveLength(1);
  await test.getByRole('button', { name: 'Close' }).click();

  await portal.goto(`/northwind/${slug}/keys`);
  const token = await makeKey(portal, 'Desk program');
  await mailProgram(product, slug, token).send({ to: 'reader@example.com', subject: 'By the alternate' });

  const banner = portal.getByText('Mail goes by the alternate server, 127.0.0.1.');
  for (const page of ['', '/messages', '/mail-settings']) {
    await portal.goto(`/northwind/${slug}${page}`);
    await expect(banner).toBeVisible(outside);
  }
  await expect(portal.getByText('The server refused the connection on this port.')).toBeVisible();
  await expect.poll(() => alternate.mails.length, outside).toBe(2);

  await portal.goto(`/northwind/${slug}`);
  await expectAccessible(portal);
  await portal.getByRole('button', { name: 'Reconnect to primary' }).click();
  await expect(banner).toHaveCount(0, outside);
  await portal.goto(`/northwind/${slug}/history`);
  await expect(portal.getByText('moved to the alternate server').first()).toBeVisible(outside);
  await expect(portal.getByText('went back to the primary server').first()).toBeVisible(outside);
  await alternate.close();
});
