import { expect, expectAccessible, test } from '#tests/support/e2e.ts';
import {
  inTwoDays,
  type MessageDesk,
  openMessageDesk,
  panelOf,
  rowsOf,
} from '#tests/support/message-desk.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);

let desk: MessageDesk;

test.beforeAll(async ({ browser }) => {
  desk = await openMessageDesk(browser, `list ${run}`);
});

test('filters stand in the address, and the back button takes them back one by one', async ({ portal }) => {
  await desk.program.send({
    to: ['refused@lakeside.example'],
    subject: 'Filtered: refused',
    category: 'surveys',
  });
  await desk.program.send({ to: ['kim@lakeside.example'], subject: 'Filtered: taken', tags: ['autumn'] });
  await portal.goto(`${desk.list}?q=Filtered`);
  await expect(rowsOf(portal)).toHaveCount(2);
  await expect(rowsOf(portal).filter({ hasText: 'Filtered: refused' })).toContainText('Failed');
  await portal
    .getByRole('navigation', { name: 'Filter by state' })
    .getByRole('link', { name: /^Failed/ })
    .click();
  await expect(portal).toHaveURL(/[?&]state=failed/);
  await expect(rowsOf(portal)).toHaveCount(1);
  await portal.getByRole('button', { name: 'Filter', exact: true }).click();
  await portal.getByRole('button', { name: 'Tag', exact: true }).click();
  await portal.getByLabel('Tag').fill('autumn');
  await portal.getByRole('button', { name: 'Apply' }).click();
  await expect(portal.getByText('No mail matches')).toBeVisible();
  await expect(portal).toHaveURL(/[?&]tag=autumn/);
  await expectAccessible(portal);
  await portal.goBack();
  await expect(rowsOf(portal)).toHaveCount(1);
  await portal.goBack();
  await expect(portal).not.toHaveURL(/state=/);
  await expect(rowsOf(portal)).toHaveCount(2);
  await portal.goto(`${desk.list}?tag=autumn&category=general`);
  await expect(rowsOf(portal)).toHaveCount(1);
  await portal.getByRole('button', { name: 'Remove filter Tag' }).click();
  await expect(portal).not.toHaveURL(/tag=/);
  await portal.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(portal).not.toHaveURL(/category=/);
});

test('pages go on from a mail, not from a number: none is left out and none comes twice', async ({
  portal,
}) => {
  const subjects = Array.from({ length: 60 }, (_, index) => `Paged mail ${index + 1}`);
  await desk.program.sendBatch(
    subjects.map((subject) => ({ to: ['paged@lakeside.example'], subject, text: 'x', category: 'paging' })),
  );
  await portal.goto(`${desk.list}?category=paging`);
  await expect(rowsOf(portal)).toHaveCount(50);
  const shown = async () => {
    const texts = await rowsOf(portal).allInnerTexts();
    return texts.flatMap((text) => /Paged mail \d+/.exec(text) ?? []);
  };
  const first = await shown();
  await expect(portal.getByRole('button', { name: 'Previous' })).toHaveAccessibleDescription(
    'This is the first page.',
  );
  // A mail that comes in meanwhile moves no page.
  await desk.program.send({ to: ['paged@lakeside.example'], subject: 'Came in later', category: 'paging' });
  await portal.getByRole('button', { name: 'Next' }).click();
  await expect(rowsOf(portal)).toHaveCount(10);
  expect([...first, ...(await shown())].toSorted()).toEqual(subjects.toSorted());
  await portal.getByRole('button', { name: 'Previous' }).click();
  await expect(rowsOf(portal)).toHaveCount(50);
  expect(await shown()).toEqual(first);
});

test('keys alone search, move, tick, open and close', async ({ portal }) => {
  await desk.program.send({ to: ['one@lakeside.example'], subject: 'Keyboard one', sendAt: inTwoDays() });
  await desk.program.send({ to: ['two@lakeside.example'], subject: 'Keyboard two', sendAt: inTwoDays() });
  await portal.goto(desk.list);
  // The page answers keys as soon as it says so.
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await portal.keyboard.press('/');
  await expect(portal.getByLabel('Subject, recipient or Message-ID')).toBeFocused();
  await portal.keyboard.type('Keyboard');
  await expect(portal).toHaveURL(/[?&]q=Keyboard/);
  await expect(rowsOf(portal)).toHaveCount(2);
  await portal.keyboard.press('Tab');
  await portal.keyboard.press('j');
  await portal.keyboard.press('j');
  await expect(rowsOf(portal).nth(1)).toBeFocused();
  await portal.keyboard.press('x');
  await expect(portal.getByRole('toolbar', { name: 'Selected rows' })).toContainText('1 selected');
  await portal.keyboard.press('k');
  await portal.keyboard.press('Enter');
  await expect(panelOf(portal).getByRole('heading', { name: 'Keyboard two' })).toBeVisible();
  await expect(portal).toHaveURL(/[?&]message=/);
  await expectAccessible(portal);
  await portal.keyboard.press('Escape');
  await expect(portal.getByRole('toolbar', { name: 'Selected rows' })).toBeHidden();
  await expect(panelOf(portal)).toBeVisible();
  await portal.keyboard.press('Escape');
  await expect(panelOf(portal)).toBeHidden();
  await expect(portal).toHaveURL(/[?&]q=Keyboard/);
});

for (const theme of ['light', 'dark'] as const) {
  test(`fits a phone in the ${theme} theme`, async ({ portal }) => {
    const { id } = await desk.program.send({
      to: [
        'refused@lakeside.example',
        'kim@lakeside.example',
        'a-rather-long-name@subsidiary.lakeside.example',
      ],
      subject: 'A subject that is longer than a phone is wide, as subjects of service desks are',
      tags: ['phone', theme],
      metadata: { ticket: '48207' },
    });
    await portal.setViewportSize({ width: 390, height: 844 });
    await portal.evaluate((chosen) => localStorage.setItem('theme', chosen), theme);
    for (const path of [
      `${desk.list}?tag=${theme}`,
      `${desk.list}?tag=${theme}&message=${id}`,
      `${desk.list}/${id}`,
    ]) {
      await portal.goto(path);
      await expect(portal.getByText('2 of 3 accepted').last()).toBeVisible();
      const width = await portal.evaluate(() => document.documentElement.scrollWidth);
      expect(width, `${path} scrolls sideways`).toBe(390);
      await expectAccessible(portal);
    }
  });
}
