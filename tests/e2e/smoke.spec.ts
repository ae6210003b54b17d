import { expect, expectAccessible, test } from '#tests/support/e2e.ts';

test('is alive, and ready with a worker that answers', async ({ request }) => {
  expect(await (await request.get('/api/health')).json()).toEqual({ status: 'ok' });
  await expect
    .poll(async () => (await request.get('/api/ready')).json())
    .toEqual({ status: 'ready', reason: null, checks: { database: 'ok', migrations: 'ok', worker: 'ok' } });
});

test('shows the sign-in page to whoever is not signed in', async ({ page }) => {
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expectAccessible(page);
});

test('refuses a wrong password in words', async ({ page, product }) => {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(product.signIn.email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('main').getByRole('alert')).not.toBeEmpty();
  await expect(page).toHaveURL(/\/sign-in/);
});
