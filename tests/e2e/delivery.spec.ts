import { expect, expectAccessible, test } from '#tests/support/e2e.ts';
import { type MessageDesk, openMessageDesk, panelOf, rowsOf } from '#tests/support/message-desk.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);

let desk: MessageDesk;
let project: string;

test.beforeAll(async ({ browser }) => {
  desk = await openMessageDesk(browser, `delivery ${run}`);
  project = desk.list.replace(/\/messages$/, '');
});

test('the times of a schedule follow what is typed, faults stand at their field, and the default comes back', async ({
  portal,
}) => {
  await portal.goto(`${project}/delivery`);
  const preview = portal.locator('[data-preview]');
  await expect(preview).toContainText('after about 1 min, 4 min, 13 min, 40 min');
  await expect(preview).toContainText('Given up after 48 h, 17 tries in all');
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await expectAccessible(portal);
  const first = portal.getByRole('textbox', { name: /^First wait/ });
  await first.fill('0');
  await expect(portal.getByText('The first wait is from 5 seconds to 1 day')).toBeVisible();
  await first.fill('5');
  await portal.getByRole('textbox', { name: /^Growth/ }).fill('1');
  await portal.getByRole('textbox', { name: /^Longest wait/ }).fill('1');
  await expect(portal.getByText('That makes more than 500 tries of one mail.')).toBeVisible();
  await portal.getByRole('textbox', { name: /^Give up after/ }).fill('12');
  await expect(preview).toContainText('after about 5 min, 10 min, 15 min');
  await expect(preview).toContainText('Given up after 12 h, 145 tries in all');
  await expect(portal.getByText('No mail waits for another try now.')).toBeVisible();
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Delivery is saved')).toBeVisible();
  await portal.reload();
  await expect(preview).toContainText('Given up after 12 h, 145 tries in all');
  await portal.getByRole('link', { name: 'View history' }).click();
  await expect(portal.getByText('First wait, Growth of the wait, Longest wait').first()).toBeVisible();
  await portal.goto(`${project}/delivery`);
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await portal.getByRole('button', { name: 'Back to default' }).click();
  await expect(preview).toContainText('Given up after 48 h, 17 tries in all');
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Delivery is saved')).toBeVisible();
});

test('all retrying mails that match are tried now; while sending is paused, the dialog says so', async ({
  portal,
}) => {
  // Long enough that none of them is due before it is asked for.
  await portal.goto(`${project}/delivery`);
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await portal.getByRole('combobox', { name: 'First wait, unit' }).selectOption('hours');
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Delivery is saved')).toBeVisible();
  await desk.program.sendBatch(
    Array.from({ length: 60 }, (_, index) => ({
      to: ['temporary@magic.mailroom.test'],
      subject: `Refused for now ${index + 1}`,
      text: 'x',
      category: 'later',
    })),
  );
  await portal.goto(`${desk.list}?category=later&state=retrying`);
  await expect(portal.getByText('50 of 60 mails')).toBeVisible();
  await expect(rowsOf(portal).first()).toContainText('next try');
  await portal.goto(project);
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await portal.getByRole('button', { name: 'Pause sending' }).click();
  await portal.getByRole('dialog').getByRole('button', { name: 'Pause sending' }).click();
  await expect(portal.getByText(/Sending is paused/).first()).toBeVisible();
  await portal.goto(`${desk.list}?category=later&state=retrying`);
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await portal.getByRole('checkbox', { name: 'Select page' }).check();
  await portal.getByRole('button', { name: /^Select all 60/ }).click();
  await portal.getByRole('button', { name: 'Try now…' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Try 60 mails now?' });
  await expect(dialog).toContainText('Sending is paused: they go when a person starts it.');
  await expectAccessible(portal);
  await dialog.getByRole('button', { name: 'Try 60 mails now' }).click();
  await expect(portal.getByText('60 mails moved to the front of the queue')).toBeVisible();
  await portal.goto(`${project}/history`);
  await expect(portal.getByText('had messages tried now').first()).toBeVisible();
});

test('mail in doubt is held by choice, listed with what is known, and decided by a person', async ({
  portal,
}) => {
  await portal.goto(`${project}/delivery`);
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await expect(portal.getByText('SMTP has no way to look a mail up')).toBeVisible();
  await portal.getByRole('radio', { name: /^Hold for a person/ }).check();
  await portal.getByRole('button', { name: 'Save' }).click();
  await expect(portal.getByText('Delivery is saved')).toBeVisible();
  await portal.goto(project);
  const start = portal.getByRole('button', { name: 'Start sending' }).first();
  if (await start.isVisible()) {
    await start.click();
    await expect(start).toBeHidden();
  }
  const subjects = ['Doubtful one', 'Doubtful two', 'Doubtful three'];
  for (const subject of subjects) {
    await desk.program.send({ to: ['uncertain@magic.mailroom.test'], subject });
  }
  await portal.goto(`${project}/uncertain`);
  const rows = portal.getByRole('table', { name: 'Uncertain' }).locator('tbody').getByRole('row');
  await expect(rows).toHaveCount(3);
  await expect(portal.getByRole('navigation', { name: 'Projects' })).toContainText('Uncertain3');
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await expectAccessible(portal);
  await rows
    .filter({ hasText: 'Doubtful one' })
    .getByRole('link')
    .or(rows.filter({ hasText: 'Doubtful one' }))
    .first()
    .click();
  await expect(panelOf(portal).getByRole('heading', { name: 'Doubtful one' })).toBeVisible();
  await expect(panelOf(portal)).toContainText('It may have been handed over.');
  await panelOf(portal).getByRole('button', { name: 'It arrived…' }).click();
  const arrived = portal.getByRole('dialog', { name: 'Mark this mail as sent?' });
  await expect(arrived).toContainText('If one did not, its recipients get nothing');
  await arrived.getByRole('button', { name: 'Mark this mail as sent' }).click();
  await expect(rows).toHaveCount(2);
  await expect(panelOf(portal)).toContainText('A person has marked it as sent');
  await portal.goto(`${project}/uncertain`);
  await expect(rows).toHaveCount(2);
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  await portal
    .getByRole('checkbox', { name: 'Select mail to uncertain@magic.mailroom.test' })
    .first()
    .check();
  await portal.getByRole('button', { name: 'Send again…' }).click();
  const again = portal.getByRole('dialog', { name: 'Send this mail again?' });
  await expect(again).toContainText('with the same Message-ID');
  await again.getByRole('button', { name: 'Send this mail again' }).click();
  await expect(portal.getByText('1 mail let go again as repeats')).toBeVisible();
  // The server of this address never answers: it is in doubt once more.
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ has: portal.getByRole('cell', { name: '2', exact: true }) })).toHaveCount(1);
  await portal.getByRole('checkbox', { name: 'Select page' }).check();
  await portal.getByRole('button', { name: 'Give up…' }).click();
  await portal.getByRole('dialog').getByRole('button', { name: 'Give 2 mails up' }).click();
  await expect(portal.getByText('No mail is in doubt')).toBeVisible();
});

for (const theme of ['light', 'dark'] as const) {
  test(`fits a phone in the ${theme} theme`, async ({ portal }) => {
    await portal.setViewportSize({ width: 390, height: 844 });
    await portal.evaluate((chosen) => localStorage.setItem('theme', chosen), theme);
    for (const path of [`${project}/delivery`, `${project}/uncertain`]) {
      await portal.goto(path);
      await expect(portal.getByRole('heading', { level: 1 })).toBeVisible();
      const width = await portal.evaluate(() => document.documentElement.scrollWidth);
      expect(width, `${path} scrolls sideways`).toBe(390);
      await expectAccessible(portal);
    }
  });
}
