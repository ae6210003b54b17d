// `npm run screenshot -- /northwind /inbox …`: signs in to the running `npm start` and takes each path in both themes
// and at phone width into .tmp/screens, for whoever works on the pages.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser } from '@playwright/test';
import { readEnvironment } from '#lib/env.ts';
import { browserLaunch } from './chromium.ts';
import { projectRoot } from './portal-build.ts';
import { readRunning, type Running } from './start-lock.ts';

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { name: '390', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

type Session = Awaited<ReturnType<Awaited<ReturnType<Browser['newContext']>>['storageState']>>;

type Reachable = Running & { readonly portalUrl: string };

async function signIn(browser: Browser, running: Reachable): Promise<Session | undefined> {
  if (running.signIn === undefined) return undefined;
  const context = await browser.newContext({ baseURL: running.portalUrl });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(running.signIn.email);
  await page.getByLabel('Password', { exact: true }).fill(running.signIn.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  const session = await context.storageState();
  await context.close();
  return session;
}

async function shoot(
  browser: Browser,
  running: Reachable,
  paths: readonly string[],
  folder: string,
): Promise<void> {
  const storageState = await signIn(browser, running);
  for (const { name, colorScheme, viewport } of looks) {
    const context = await browser.newContext({
      baseURL: running.portalUrl,
      colorScheme,
      viewport,
      deviceScaleFactor: 1,
      ...(storageState === undefined ? {} : { storageState }),
    });
    const page = await context.newPage();
    for (const path of paths) {
      await page.goto(path, { waitUntil: 'load' });
      await page.evaluate(() => document.fonts.ready.then(() => undefined));
      const words = path.replaceAll(/[^a-z0-9]+/gi, '-').replaceAll(/^-|-$/g, '') || 'root';
      const file = join(folder, `${words}-${name}.png`);
      await page.screenshot({ path: file, fullPage: name === '390' });
      say(file);
    }
    await context.close();
  }
}

const { dataFolder } = readEnvironment(process.env);
const running = await readRunning(dataFolder);
const paths = process.argv.slice(2);
if (running?.portalUrl === undefined) {
  say('No Mailroom runs in this folder: start one with npm start, or name its MAILROOM_DATA_DIR.');
  process.exitCode = 1;
} else {
  const folder = join(projectRoot, '.tmp', 'screens');
  await mkdir(folder, { recursive: true });
  const browser = await chromium.launch(await browserLaunch());
  try {
    await shoot(
      browser,
      { ...running, portalUrl: running.portalUrl },
      paths.length === 0 ? ['/'] : paths,
      folder,
    );
  } finally {
    await browser.close();
  }
}
