import {
  type BacklogDesk,
  bulkBar,
  goLive,
  heldRows,
  openBacklogDesk,
  spendLimit,
} from '#tests/support/backlog-desk.ts';
import { addMember } from '#tests/support/add-member.ts';
import { expect, expectAccessible, queryProduct, signIn, test } from '#tests/support/e2e.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);

let desk: BacklogDesk;

test.beforeAll(async ({ browser }) => {
  desk = await openBacklogDesk(browser, `suspended ${run}`, 1);
  await spendLimit(desk, 1);
  for (const name of ['kim', 'lena', 'paul'])
    await desk.program.send({ to: [`${name}@lakeside.example`], subject: `Kept for ${name}` });
});

test('what is suspended stays for ever, is found, exported and put back (PRODUCT 5.7)', async ({
  portal,
}) => {
  await goLive(portal, desk.backlog);
  await portal.getByLabel('Select page').check();
  await portal.keyboard.press('s');
  await expect(portal.getByText('3 mails suspended', { exact: true })).toBeVisible();
  await portal
    .getByRole('navigation', { name: 'Projects' })
    .getByRole('link', { name: /^Suspended 3$/ })
    .click();
  await expect(portal.getByRole('heading', { level: 1, name: 'Suspended' })).toBeVisible();
  await expect(portal.getByText('nothing deletes them')).toBeVisible();
  await expect(heldRows(portal, 'Suspended')).toHaveCount(3);
  await expectAccessible(portal);
  await portal.getByLabel('Search to, subject, id').fill('lena');
  await expect(heldRows(portal, 'Suspended')).toHaveCount(1);
  await portal.getByLabel('Select mail to lena@lakeside.example').check();
  await bulkBar(portal).getByRole('button', { name: 'Export' }).click();
  const coming = portal.waitForEvent('download');
  await portal.getByRole('menuitem', { name: /\.mbox/ }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await coming).createReadStream()) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  expect(text).toContain('Kept for lena');
  expect(text).not.toContain('Kept for paul');
  await portal.getByRole('button', { name: 'Back to backlog' }).click();
  await expect(portal.getByText('1 mail put back into the backlog')).toBeVisible();
  await expect(portal.getByText('No suspended mail matches')).toBeVisible();
  await expect(
    queryProduct(
      `delete from mailroom.messages m using mailroom.projects p
       where p.id = m.project_id and p.slug = $1 and m.suspended_at is not null`,
      [desk.slug],
    ),
  ).rejects.toThrow(/never purged|suspended/);
});

test('who may not move mail sees the lists without ticks', async ({ page, product }) => {
  const email = await addMember(product, 'viewer', `held-${run}`);
  await signIn(page, { ...product, signIn: { ...product.signIn, email } });
  await goLive(page, desk.suspended);
  await expect(heldRows(page, 'Suspended')).toHaveCount(2);
  await expect(page.getByLabel('Select page')).toHaveCount(0);
  await page.getByRole('button', { name: 'Export' }).click();
  await expect(page.getByRole('menuitem')).toHaveCount(1);
  await goLive(page, '/northwind/-/limits');
  await expect(page.getByRole('button', { name: 'Change' }).first()).toHaveAccessibleDescription(
    /owners and administrators/,
  );
});
