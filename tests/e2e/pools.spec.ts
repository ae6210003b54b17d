import { expect, expectAccessible, queryProduct, test } from '#tests/support/e2e.ts';
import { mailProgram, makeKey, makeProject, typeMailSettings } from '#tests/support/portal-steps.ts';

test('a pool made from a preset paces its project, and the pages say so', async ({ portal, product }) => {
  const word = Date.now().toString(36);
  const slug = await makeProject(portal, `Paced ${word}`);
  await portal.goto(`/northwind/${slug}/mail-settings`);
  await typeMailSettings(portal, {
    from: 'desk@northwind.example',
    port: product.inboxPort,
    userName: 'desk',
    password: 'a secret',
  });
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Version 1. Last changed')).toBeVisible();

  await portal
    .getByRole('navigation', { name: 'Organization' })
    .getByRole('link', { name: 'Pools', exact: true })
    .click();
  await portal.getByRole('link', { name: 'New pool' }).click();
  await portal.getByRole('combobox', { name: 'Provider' }).selectOption('Exchange Online, SMTP');
  await expect(portal.getByLabel('Mails a minute')).toHaveValue('30');
  await expect(portal.getByLabel('Recipients in 24 hours')).toHaveValue('10,000');
  await portal.getByLabel('Name').fill(`Mailbox ${word}`);
  await portal.getByLabel('Mails a minute').fill('0');
  await portal.getByRole('checkbox', { name: `Paced ${word}` }).check();
  await portal.getByRole('button', { name: 'Make the pool' }).click();
  await expect(portal.getByText('0 is not a rate. To stop all mail, pause sending instead.')).toBeVisible();
  await expectAccessible(portal);
  await portal.getByLabel('Mails a minute').fill('1');
  await portal.getByRole('button', { name: 'Make the pool' }).click();

  const row = portal.getByRole('row').filter({ hasText: `Mailbox ${word}` });
  await expect(row).toContainText('1 a minute');
  await expect(row).toContainText(`Paced ${word}`);
  await expectAccessible(portal);

  await portal.goto(`/northwind/${slug}/keys`);
  const program = mailProgram(product, slug, await makeKey(portal, 'Program'));
  for (const name of ['First', 'Second', 'Third']) {
    await program.send({ to: ['someone@lakeside.example'], subject: `${name} of ${word}`, text: 'Hello.' });
  }
  await expect
    .poll(
      async () =>
        await queryProduct(
          'select state, count(*)::int as n from mailroom.messages m join mailroom.projects p on p.id = m.project_id where p.slug = $1 group by 1 order by 1',
          [slug],
        ),
    )
    .toEqual([
      { state: 'queued', n: 2 },
      { state: 'sent', n: 1 },
    ]);
  await portal.goto(`/northwind/${slug}`);
  await expect(portal.getByText(`Paced by Mailbox ${word}:`)).toBeVisible();
  await expect(portal.getByText(/1 a minute, next at \d\d:\d\d:\d\d/)).toBeVisible();

  await portal.getByRole('link', { name: 'Pool', exact: true }).click();
  await portal.getByRole('button', { name: 'End the pool' }).click();
  await portal.getByRole('dialog').getByRole('button', { name: 'End the pool' }).click();
  await expect(portal.getByRole('heading', { name: 'Pools', level: 1 })).toBeVisible();
  await expect(portal.getByRole('row').filter({ hasText: `Mailbox ${word}` })).toHaveCount(0);
  await expect
    .poll(
      async () =>
        (
          await queryProduct(
            "select count(*)::int as n from mailroom.messages m join mailroom.projects p on p.id = m.project_id where p.slug = $1 and m.state = 'sent'",
            [slug],
          )
        )[0],
    )
    .toEqual({ n: 3 });
});

test('the flood breaker holds what repeats, and its page says from when on', async ({ portal, product }) => {
  const word = Date.now().toString(36);
  const slug = await makeProject(portal, `Looping ${word}`);
  await portal.goto(`/northwind/${slug}/flood`);
  await portal.getByLabel('Repeated mail').fill('2');
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('The flood breaker is saved')).toBeVisible();
  await expectAccessible(portal);
  await portal.goto(`/northwind/${slug}/keys`);
  const program = mailProgram(product, slug, await makeKey(portal, 'Program'));
  for (const number of [1, 2, 3]) {
    await program.send({
      to: ['someone@lakeside.example'],
      subject: `Ticket ${number} of ${word}`,
      text: 'Hello.',
    });
  }
  await portal.goto(`/northwind/${slug}/flood`);
  await portal.getByRole('link', { name: 'Held as a flood' }).click();
  await expect(portal.getByText(`Ticket 3 of ${word}`)).toBeVisible();
  await expect(portal.getByText(`Ticket 2 of ${word}`)).toHaveCount(0);

  await portal.getByRole('checkbox', { name: /someone@lakeside\.example/ }).check();
  await portal.getByRole('button', { name: 'Is fine, let through…' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Let 1 mail and its kind through?' });
  await dialog.getByRole('radio', { name: /^For a day/ }).check();
  await expectAccessible(portal);
  await dialog.getByRole('button', { name: 'Let 1 mail through' }).click();
  await expect(portal.getByText('1 mail let through, and more of the kind from now on')).toBeVisible();
  await program.send({ to: ['someone@lakeside.example'], subject: `Ticket 4 of ${word}`, text: 'Hello.' });
  await portal.goto(`/northwind/${slug}/flood`);
  const allowed = portal.getByRole('row').filter({ hasText: `“ticket # of` });
  await expect(allowed).toContainText('someone@lakeside.example');
  await portal.goto(`/northwind/${slug}/backlog`);
  await expect(portal.getByText(`Ticket 4 of ${word}`)).toHaveCount(0);
  await portal.goto(`/northwind/${slug}/flood`);
  await allowed.getByRole('button', { name: /^Hold/ }).click();
  await expect(portal.getByText('Nothing is let through yet')).toBeVisible();
});
