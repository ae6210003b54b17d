import { defineConfig } from '@playwright/test';
import { browserLaunch } from './scripts/chromium.ts';

/** The browser tests drive the real product: `npm start` on a data folder of its own (tests/e2e/global-setup.ts). */
export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './tests/e2e/global-setup.ts',
  outputDir: '.tmp/e2e',
  // All specs look at one installation, so they run one after the other.
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  retries: 0,
  // Far more than any step needs: a shared machine stalls for seconds, and only a failing test waits this long.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    launchOptions: await browserLaunch(),
    viewport: { width: 1280, height: 800 },
    // The page itself is kept as it was at every step; a film of it costs as much as the test.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
  },
});
