import type { Browser, Locator, Page } from '@playwright/test';
import { expect, queryProduct } from '#tests/support/e2e.ts';
import { type MessageDesk, openMessageDesk } from '#tests/support/message-desk.ts';

export interface BacklogDesk extends MessageDesk {
  readonly name: string;
  readonly slug: string;
  readonly backlog: string;
  readonly suspended: string;
  readonly limits: string;
}

/** A project of its own that sends to the built-in inbox, with a daily limit of its own. `word` tells runs apart. */
export async function openBacklogDesk(
  browser: Browser,
  word: string,
  mailsPerDay: number,
): Promise<BacklogDesk> {
  const desk = await openMessageDesk(browser, word);
  const at = desk.list.replace(/\/messages$/, '');
  const slug = at.replace('/northwind/', '');
  await queryProduct(
    `update mailroom.limit_scopes s set mails_per_day = $2
     from mailroom.projects p where p.id = s.project_id and p.slug = $1`,
    [slug, mailsPerDay],
  );
  return {
    ...desk,
    name: `Message desk ${word}`,
    slug,
    backlog: `${at}/backlog`,
    suspended: `${at}/suspended`,
    limits: `${at}/limits`,
  };
}

/** Sends so many mails and waits until they are out: what comes after finds the limit spent at the door. */
export async function spendLimit({ slug, program }: BacklogDesk, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1)
    await program.send({ to: [`early-${number}@lakeside.example`], subject: `Early ${number}` });
  await expect
    .poll(async () => {
      const [row] = await queryProduct(
        `select count(*)::int as sent from mailroom.messages m join mailroom.projects p on p.id = m.project_id
         where p.slug = $1 and m.state = 'sent'`,
        [slug],
      );
      return row?.['sent'];
    })
    .toBe(count);
}

const batchSize = 100;

/** Hands in so many mails, each to another recipient, so that none looks like a repetition. */
export async function sendMany(
  { program }: MessageDesk,
  count: number,
  mail: Readonly<Record<string, unknown>>,
): Promise<void> {
  const mails = Array.from({ length: count }, (_, index) => ({
    text: 'Hello',
    to: [`person-${index + 1}@lakeside.example`],
    ...mail,
  }));
  for (let start = 0; start < mails.length; start += batchSize) {
    await program.sendBatch(mails.slice(start, start + batchSize));
  }
}

/** The rows of the backlog, or of the suspended mails. */
export function heldRows(page: Page, name: 'Backlog' | 'Suspended' = 'Backlog'): Locator {
  return page.getByRole('table', { name }).locator('tbody').getByRole('row');
}

/** Opens a page and waits until it answers presses. */
export async function goLive(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
}

/** The bar that floats while rows are ticked. */
export function bulkBar(page: Page): Locator {
  return page.getByRole('toolbar', { name: 'Selected rows' });
}
