import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import pg from 'pg';
import { z } from 'zod';

// Handed over by tests/e2e/global-setup.ts.
const handedOver = z.object({
  portalUrl: z.string(),
  databaseUrl: z.string(),
  inboxPort: z.number(),
  signIn: z.object({ email: z.string(), password: z.string() }),
});

export type RunningProduct = z.infer<typeof handedOver>;

/** The product that all specs look at: addresses, and the demo's sign-in. */
export function runningProduct(): RunningProduct {
  return handedOver.parse(JSON.parse(process.env['MAILROOM_E2E'] ?? 'null'));
}

interface Fixtures {
  readonly product: RunningProduct;
  /** A page on which the demo's owner is signed in, at the organization's home. */
  readonly portal: Page;
}

/** Playwright's `test` with the product's address as base and a signed-in page on demand. */
export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures from the pattern
  product: async ({}, use) => use(runningProduct()),
  baseURL: async ({ product }, use) => use(product.portalUrl),
  portal: async ({ page, product }, use) => {
    await signIn(page, product);
    await use(page);
  },
});

export { expect };

/** Signs the demo's owner in by the form, as a person does. */
export async function signIn(page: Page, product: RunningProduct): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(product.signIn.email);
  await page.getByLabel('Password', { exact: true }).fill(product.signIn.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/**
 * Holds the page to WCAG 2.2 AA once it has come to rest: between two addresses Next takes the old title away before
 * the new one arrives, and a fading element has too little contrast for some frames.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await expect(async () => {
    await expect(page).toHaveTitle(/./, { timeout: 5000 });
    const { violations } = await new AxeBuilder({ page })
      // A mail is shown in a frame that runs nothing: axe would wait half a minute for an answer from it.
      .setLegacyMode()
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    expect(
      violations.map(({ id, nodes }) => ({ id, at: nodes.map((node) => node.target.join(' ')) })),
    ).toEqual([]);
  }).toPass({ timeout: 60_000 });
}

/** Rows of the product's own database, for what no page shows. */
export async function queryProduct(
  text: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: runningProduct().databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
