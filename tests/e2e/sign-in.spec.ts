import { expect, expectAccessible, queryProduct, signIn, test } from '#tests/support/e2e.ts';

test('leads back to the page that was asked for', async ({ page, product }) => {
  await page.goto('/northwind/-/history');
  await expect(page).toHaveURL(/\/sign-in\?from=/);
  await page.getByLabel('E-mail address').fill(product.signIn.email);
  await page.getByLabel('Password', { exact: true }).fill(product.signIn.password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/northwind\/-\/history$/);
  await expect(page.getByRole('heading', { level: 1, name: 'History' })).toBeVisible();
});

test('never leads to another site', async ({ page, product }) => {
  await page.goto('/sign-in?from=//other.example/');
  await page.getByLabel('E-mail address').fill(product.signIn.email);
  await page.getByLabel('Password', { exact: true }).fill(product.signIn.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${product.portalUrl}/northwind`);
});

test('keeps the address and marks the password when they do not match', async ({ page, product }) => {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(product.signIn.email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').first()).toContainText('not right');
  await expect(page.getByLabel('E-mail address')).toHaveValue(product.signIn.email);
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page);
});

test('signing out ends the session itself, not only its cookie', async ({ page, product, context }) => {
  await signIn(page, product);
  const cookies = await context.cookies();
  await page.getByRole('button', { name: `Signed in as ${product.signIn.email}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await context.addCookies(cookies);
  await page.goto('/northwind');
  await expect(page).toHaveURL(/\/sign-in/);
});

test('a session revoked in the database is over at the next request', async ({ portal }) => {
  await queryProduct('update mailroom.sessions set revoked_at = now() where revoked_at is null');
  await portal.goto('/northwind');
  await expect(portal).toHaveURL(/\/sign-in/);
  const events = await portal.request.get('/api/events?org=northwind');
  expect(events.status()).toBe(401);
});

test('pages come with a policy that runs no foreign script and no frame', async ({ page }) => {
  const response = await page.goto('/sign-in');
  const headers = response?.headers() ?? {};
  expect(headers['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+'(?:;|$)/);
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBe('same-origin');
  expect(headers['x-powered-by']).toBeUndefined();
});

test('a setup link that is closed says so', async ({ page }) => {
  await page.goto('/setup/not-a-link');
  await expect(page.getByRole('heading', { name: 'This link is closed' })).toBeVisible();
  await expectAccessible(page);
});

test('an address that does not exist, or is not yours, is not found', async ({ portal }) => {
  const response = await portal.goto('/another-organization');
  expect(response?.status()).toBe(404);
  await expect(portal.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
});
