import type { Page } from '@playwright/test';
import { z } from 'zod';
import { expect, type RunningProduct } from '#tests/support/e2e.ts';

/** Steps through the portal that several specs take, as a person takes them. */

/** Makes a project from the organization's home and ends at its overview. The name is its short name too. */
export async function makeProject(portal: Page, name: string): Promise<string> {
  const slug = name.toLowerCase().replaceAll(' ', '-');
  await portal.getByRole('link', { name: 'New project' }).last().click();
  const dialog = portal.getByRole('dialog', { name: 'New project' });
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByRole('button', { name: 'Create project' }).click();
  await portal.waitForURL(`**/northwind/${slug}`);
  await expect(portal.getByRole('heading', { level: 1, name })).toBeVisible();
  return slug;
}

export interface TypedSettings {
  readonly from: string;
  readonly port: number;
  readonly userName: string;
  readonly password: string;
}

/** Types the settings of a server on this machine into the form that is open; nothing is saved. */
export async function typeMailSettings(portal: Page, settings: TypedSettings): Promise<void> {
  await portal.getByLabel('From address').fill(settings.from);
  await portal.getByLabel('Server name or IP').fill('127.0.0.1');
  await portal.getByLabel('Port', { exact: true }).fill(String(settings.port));
  await portal.getByRole('radio', { name: /^None / }).check();
  await portal.getByLabel('Requires authentication').check();
  await portal.getByLabel('User name', { exact: true }).fill(settings.userName);
  await portal.getByLabel('Password', { exact: true }).fill(settings.password);
}

/**
 * Makes an API key on the keys page that is open, and returns the token that is shown this once. `mode` is a choice of
 * the sending mode in its own words.
 */
export async function makeKey(portal: Page, name: string, mode = 'As the project'): Promise<string> {
  await portal.getByRole('button', { name: 'New key' }).click();
  const dialog = portal.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Sending mode').selectOption(mode);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const token = await dialog.getByText(/^mr_live_/).innerText();
  await dialog.getByRole('button', { name: 'Done' }).click();
  return token;
}

const accepted = z.object({ id: z.uuid(), messageId: z.string() });
export type AcceptedMail = z.infer<typeof accepted>;

/** A program that has a key of the project: it hands mails over by real HTTP calls. */
export function mailProgram(product: RunningProduct, project: string, token: string) {
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${product.portalUrl}/api/v1/projects/${project}/messages${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    expect(response.ok, text).toBe(true);
    return JSON.parse(text);
  };
  return {
    send: async (mail: Readonly<Record<string, unknown>>): Promise<AcceptedMail> =>
      accepted.parse(await post('', { text: 'Hello', ...mail })),
    sendBatch: (messages: readonly Readonly<Record<string, unknown>>[]): Promise<unknown> =>
      post('/batch', { messages }),
  };
}
