import type { Page, Response } from '@playwright/test';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { expect, test } from '#tests/support/e2e.ts';
import { makeProject, typeMailSettings } from '#tests/support/portal-steps.ts';

// So that the specs can run again on the same installation.
const run = Date.now().toString(36);
/** Words that stand in no other text, so that a search for them finds every leak. */
const saved = `planted-saved-${run}`;
const typed = `planted-typed-${run}`;

interface Answer {
  readonly url: string;
  readonly text: string;
}

async function readAnswer(response: Response): Promise<Answer> {
  // A redirect and a page that was left have no body.
  const body = await response.text().catch(() => '');
  return { url: response.url(), text: JSON.stringify(response.headers()) + body };
}

/** Keeps the text of every answer of the portal from now on. */
function keepAnswers(page: Page): () => Promise<Answer[]> {
  const kept: Promise<Answer>[] = [];
  page.on('response', (response) => {
    // The stream of changes never ends.
    if (!response.headers()['content-type']?.startsWith('text/event-stream')) kept.push(readAnswer(response));
  });
  return () => Promise.all(kept);
}

test('a saved or typed secret is in no page, no answer and no dialogue (PRODUCT 10.3)', async ({
  portal,
}) => {
  const server = await startRealServer();
  try {
    const slug = await makeProject(portal, `Planted ${run}`);
    const answers = keepAnswers(portal);
    await portal.goto(`/northwind/${slug}/mail-settings`);
    await typeMailSettings(portal, {
      from: 'desk@northwind.example',
      port: server.port,
      userName: 'sender@example.test',
      password: saved,
    });
    await portal.getByRole('button', { name: 'Save' }).click();
    await expect(portal.getByText('Version 1. Last changed')).toBeVisible();
    const seen: string[] = [];
    const paths = [
      `/northwind/${slug}/mail-settings`,
      `/northwind/${slug}/mail-settings/history`,
      `/northwind/${slug}`,
      `/northwind/${slug}/history`,
      '/northwind/-/connections',
      '/northwind/-/history',
      '/northwind',
    ];
    for (const path of paths) {
      await portal.goto(path);
      await expect(portal.getByRole('heading', { level: 1 })).toBeVisible();
      seen.push(await portal.content());
    }
    await portal.goto(`/northwind/${slug}/mail-settings`);
    await portal.getByRole('button', { name: 'Replace' }).click();
    await portal.getByLabel('Password', { exact: true }).fill(typed);
    await portal.getByRole('button', { name: 'Send test mail' }).click();
    const panel = portal.getByRole('complementary', { name: 'Test mail' });
    await panel.getByRole('button', { name: 'Send test mail' }).click();
    await expect(panel.getByText('SMTP_AUTH_REFUSED')).toBeVisible();
    seen.push((await portal.content()).replaceAll(`value="${typed}"`, ''));

    for (const secret of [saved, typed]) {
      for (const form of [secret, Buffer.from(secret).toString('base64').replaceAll('=', '')]) {
        expect(seen.filter((page) => page.includes(form))).toEqual([]);
        const leaks = (await answers()).filter(({ text }) => text.includes(form));
        expect(leaks.map(({ url }) => url)).toEqual([]);
      }
    }
  } finally {
    await server.close();
  }
});
