import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { reply, stall } from '#tests/servers/smtp/hostile-script.ts';
import { addMember } from '#tests/support/add-member.ts';
import { expect, expectAccessible, queryProduct, signIn, test } from '#tests/support/e2e.ts';
import { mailProgram, makeKey, makeProject } from '#tests/support/portal-steps.ts';
import { waitUntil } from '#tests/support/wait-for.ts';

// So that the specs can run again on the same installation.
const run = Date.now().toString(36);

test('who saves while mail is being sent is asked to pause, and starts sending again by hand (PRODUCT 2.12)', async ({
  portal,
  product,
}) => {
  const server = await startHostileServer({
    reactions: { endOfData: (_line, times) => (times === 1 ? stall : reply('250 2.0.0 Ok')) },
  });
  try {
    const slug = await makeProject(portal, `Busy ${run}`);
    await portal.goto(`/northwind/${slug}/mail-settings`);
    await portal.getByLabel('From address').fill('desk@example.test');
    await portal.getByLabel('Server name or IP').fill('127.0.0.1');
    await portal.getByLabel('Port', { exact: true }).fill(String(server.port));
    await portal.getByRole('radio', { name: /^None / }).check();
    await portal.getByLabel('Requires authentication').uncheck();
    await portal.getByRole('button', { name: 'Save' }).click();
    await expect(portal.getByText('Version 1. Last changed')).toBeVisible();

    await portal.goto(`/northwind/${slug}/keys`);
    const program = mailProgram(product, slug, await makeKey(portal, 'Program'));
    await program.send({ to: ['somebody@example.test'], subject: 'Under way' });
    await waitUntil('the mail at the server', () => server.contents.length === 1);

    await portal.goto(`/northwind/${slug}/mail-settings`);
    await portal.getByLabel('Sender name').fill('Changed meanwhile');
    await portal.getByRole('button', { name: 'Save' }).click();
    const dialog = portal.getByRole('dialog', { name: 'Pause sending and save?' });
    await expect(dialog.getByRole('row', { name: 'Being sent now 1' })).toBeVisible();
    await expectAccessible(portal);
    await portal.keyboard.press('Enter');
    await expect(portal.getByText('Version 2. Last changed')).toBeVisible();
    await expect(portal.getByText(/Sending is paused/).first()).toBeVisible();

    server.dropAll();
    await portal.getByRole('button', { name: 'Start sending' }).first().click();
    await expect(portal.getByText(/Sending is paused/)).toHaveCount(0);
    await program.send({ to: ['somebody@example.test'], subject: 'After the pause' });
    await waitUntil('the next mail, by the new settings', () =>
      server.contents.some((mail) => mail.includes('After the pause') && mail.includes('Changed meanwhile')),
    );
  } finally {
    await server.close();
  }
});

test('who may not change the settings reads them, and learns who may', async ({ page, product }) => {
  const email = await addMember(product, 'auditor', run);
  const [project] = await queryProduct(
    `select p.slug from mailroom.projects p join mailroom.organizations o on o.id = p.organization_id
     where o.slug = 'northwind' and p.settings_version is not null order by p.id limit 1`,
  );
  await signIn(page, { ...product, signIn: { ...product.signIn, email } });
  await page.goto(`/northwind/${String(project?.['slug'])}/mail-settings`);
  await expect(page.getByText(/^Settings are for administrators\. You are an auditor of/)).toBeVisible();
  await expect(page.getByText(product.signIn.email)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Send test mail' })).toHaveCount(0);
  await expect(page.getByRole('textbox')).toHaveCount(0);
  await expectAccessible(page);
});
