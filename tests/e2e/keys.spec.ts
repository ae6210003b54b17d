import { expect, expectAccessible, queryProduct, test } from '#tests/support/e2e.ts';

test('a key is shown once, works, is seen as used, and is refused once it is revoked', async ({
  portal,
  product,
  playwright,
}) => {
  const name = `Shop ${Date.now().toString(36)}`;
  await portal.goto('/northwind/billing/keys');
  await portal.getByRole('button', { name: 'New key' }).click();
  const dialog = portal.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(dialog).toContainText('Give the key a name.');
  await expectAccessible(portal);
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(dialog).toContainText('Copy the key now');
  const token = await dialog.getByText(/^mr_live_/).innerText();
  await expect(dialog).toContainText(`Authorization: Bearer ${token}`);
  await expectAccessible(portal);
  await dialog.getByRole('button', { name: 'Done' }).click();

  const row = portal.getByRole('row').filter({ hasText: name });
  await expect(row).toContainText(token.slice(-4));
  await expect(portal.getByText(token)).toHaveCount(0);
  const stored = await queryProduct('select * from mailroom.api_keys where name = $1', [name]);
  expect(JSON.stringify(stored)).not.toContain(token);

  const api = await playwright.request.newContext({
    baseURL: product.portalUrl,
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
  const mail = { to: ['someone@lakeside.example'], subject: `Hello from ${name}`, text: 'It works.' };
  expect((await api.post('/api/v1/projects/billing/messages', { data: mail })).status()).toBe(202);
  await expect
    .poll(
      async () =>
        (await queryProduct('select last_used_at from mailroom.api_keys where name = $1', [name]))[0],
    )
    .not.toEqual({ last_used_at: null });

  await row.getByRole('button', { name: 'Revoke' }).click();
  const confirm = portal.getByRole('dialog', { name: `Revoke ${name}?` });
  await expect(confirm).toContainText('refused from the next call on');
  await confirm.getByRole('button', { name: 'Revoke key' }).click();
  await expect(row).toContainText('revoked');
  expect((await api.post('/api/v1/projects/billing/messages', { data: mail })).status()).toBe(401);
  await api.dispose();
});
