import type { Browser, Locator, Page } from '@playwright/test';
import { expect, runningProduct, signIn } from '#tests/support/e2e.ts';
import { mailProgram, makeKey, makeProject, typeMailSettings } from '#tests/support/portal-steps.ts';

export interface MessageDesk {
  /** Address of its list of messages. */
  readonly list: string;
  readonly program: ReturnType<typeof mailProgram>;
  /** Its key captures what it hands over. */
  readonly capturing: ReturnType<typeof mailProgram>;
}

/** A project of its own that sends to the built-in inbox, with two programs. `word` tells runs and specs apart. */
export async function openMessageDesk(browser: Browser, word: string): Promise<MessageDesk> {
  const product = runningProduct();
  const page = await browser.newPage({ baseURL: product.portalUrl });
  await signIn(page, product);
  const slug = await makeProject(page, `Message desk ${word}`);
  await page.goto(`/northwind/${slug}/mail-settings`);
  await typeMailSettings(page, {
    from: 'desk@northwind.example',
    port: product.inboxPort,
    userName: 'desk',
    password: 'a secret',
  });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Version 1. Last changed')).toBeVisible();
  await page.goto(`/northwind/${slug}/keys`);
  const program = mailProgram(product, slug, await makeKey(page, 'Program'));
  const capturing = mailProgram(product, slug, await makeKey(page, 'Staging', 'Capture: nothing leaves'));
  await page.close();
  return { list: `/northwind/${slug}/messages`, program, capturing };
}

/** The rows of the list of messages. */
export function rowsOf(page: Page): Locator {
  return page.getByRole('table', { name: 'Messages' }).locator('tbody').getByRole('row');
}

/** The panel of one message beside the list. */
export function panelOf(page: Page): Locator {
  return page.getByRole('complementary', { name: 'Message' });
}

export function inTwoDays(): string {
  return new Date(Date.now() + 172_800_000).toISOString();
}
