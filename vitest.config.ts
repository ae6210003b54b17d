import { defineConfig } from 'vitest/config';

const databaseSetup = ['tests/support/global-setup.ts'];
const setupFiles = ['tests/support/console-noise.ts'];

/**
 * One project per folder of tests. Those that need Postgres share one server per run and take a database of
 * their own, cloned from a migrated template (tests/support/database.ts).
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    watch: false,
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.{ts,tsx}'], setupFiles, testTimeout: 30_000 } },
      {
        test: {
          name: 'architecture',
          include: ['tests/architecture/**/*.test.ts'],
          setupFiles,
          globalSetup: databaseSetup,
          testTimeout: 30_000,
        },
      },
      ...['integration', 'contract'].map((name) => ({
        test: {
          name,
          include: [`tests/${name}/**/*.test.ts`],
          setupFiles,
          globalSetup: databaseSetup,
          // Far more than any needs: a shared machine stalls, and only a failing test waits this long.
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      })),
    ],
  },
});
