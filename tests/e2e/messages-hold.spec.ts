import { expect, expectAccessible, test } from '#tests/support/e2e.ts';
import { inTwoDays, type MessageDesk, openMessageDesk, rowsOf } from '#tests/support/message-desk.ts';

/** What the worker does, and a page that hears of it. */
const outside = { timeout: 60_000 };

let desk: MessageDesk;

test.beforeAll(async ({ browser }) => {
  desk = await openMessageDesk(browser, `hold ${Date.now().toString(36)}`);
});

async function sendLater(category: string, count: number): Promise<void> {
  await desk.program.sendBatch(
    Array.from({ length: count }, (_, index) => ({
      to: [`person-${index + 1}@lakeside.example`],
      subject: `Later ${index + 1}`,
      text: 'x',
      category,
      sendAt: inTwoDays(),
      ...(index === 0 ? { expiresAt: new Date(Date.now() + 9 * 86_400_000).toISOString() } : {}),
    })),
  );
}

test('all that match are held after the number is said, in the background, and stand in the backlog', async ({
  portal,
}) => {
  await sendLater('later', 230);
  await desk.program.send({ to: ['refused@lakeside.example'], subject: 'Refused', category: 'later' });
  await portal.goto(`${desk.list}?category=later`);
  await expect(rowsOf(portal).filter({ hasText: 'Refused' })).toContainText('Failed', outside);
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await portal.getByRole('checkbox', { name: 'Select page' }).check();
  await portal.getByRole('button', { name: 'Select all 231 that match' }).click();
  await portal.getByRole('button', { name: 'Hold…' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Hold 230 mails?' });
  await expect(dialog).toContainText('stay there until a person resumes them');
  await expect(dialog).toContainText('The other 1 selected stays as it is.');
  await expect(dialog.getByRole('row', { name: 'In the backlog then 230 mails' })).toBeVisible();
  await expect(dialog).toContainText('1 of them expires while held');
  await expectAccessible(portal);
  await dialog.getByRole('button', { name: 'Hold 230 mails' }).click();
  await expect(dialog).toBeHidden();
  const states = portal.getByRole('navigation', { name: 'Filter by state' });
  await expect(states.getByRole('link', { name: 'Backlog 230' })).toBeVisible(outside);
  await portal.reload();
  await expect(rowsOf(portal).filter({ hasText: 'Later 230' })).toContainText('a person has stopped it');
  await portal.goto(desk.list.replace(/messages$/, 'history'));
  await expect(portal.getByText('held mails by hand').first()).toBeVisible();
  await expect(portal.getByText('finished a bulk action').first()).toBeVisible(outside);
});

for (const theme of ['light', 'dark'] as const) {
  test(`a page is selected and all that match are held on a phone, in the ${theme} theme`, async ({
    portal,
  }) => {
    await sendLater(theme, 60);
    await portal.setViewportSize({ width: 390, height: 844 });
    await portal.evaluate((chosen) => localStorage.setItem('theme', chosen), theme);
    await portal.goto(`${desk.list}?category=${theme}&state=waiting`);
    await expect(portal.getByText('50 of 60 mails')).toBeVisible();
    await expect(portal.getByText('Live', { exact: true })).toBeVisible();
    await portal.getByRole('checkbox', { name: 'Select page' }).check();
    await portal.getByRole('button', { name: 'Select all 60 that match' }).click();
    const bar = portal.getByRole('toolbar', { name: 'Selected rows' });
    await expect(bar).toContainText('60 selected');
    await expect(bar.getByRole('button', { name: 'Cancel…' })).toBeInViewport({ ratio: 1 });
    await expectAccessible(portal);
    await bar.getByRole('button', { name: 'Hold…' }).click();
    const dialog = portal.getByRole('dialog', { name: 'Hold 60 mails?' });
    await expect(dialog.getByRole('row', { name: /^These mails \+ 60$/ })).toBeVisible();
    expect(await portal.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await dialog.getByRole('button', { name: 'Hold 60 mails' }).click();
    await expect(portal.getByText('No mail matches')).toBeVisible(outside);
  });
}
