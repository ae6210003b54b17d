import { expect, queryProduct, test } from '#tests/support/e2e.ts';

test('a press on a link is not lost where the page hears of a change before its answer', async ({
  portal,
}) => {
  await expect(portal.getByText('Live', { exact: true })).toBeVisible();
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await portal.route(/\/northwind\?new=project&_rsc=/, async (route, request) => {
    if ((await request.allHeaders())['next-router-prefetch'] === undefined) {
      asked.resolve();
      await answered.promise;
    }
    await route.continue();
  });
  await portal.getByRole('link', { name: 'New project' }).last().click();
  await asked.promise;
  const heard = portal.evaluate(hearChange);
  await portal.waitForFunction(() => document.documentElement.dataset['hears'] === 'yes');
  await queryProduct('update mailroom.lanes set wake_seq = wake_seq + 1');
  await heard;
  answered.resolve();
  await expect(portal.getByRole('dialog', { name: 'New project' })).toBeVisible();
});

/** In the page: resolves when a change was told and the page has had the time to ask for it. */
function hearChange(): Promise<void> {
  return new Promise((resolve) => {
    const stream = new EventSource('/api/events?org=northwind');
    stream.addEventListener('open', () => (document.documentElement.dataset['hears'] = 'yes'));
    stream.addEventListener('message', () => setTimeout(resolve, 2000));
  });
}
