import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/support/longest-first.ts';

const databaseSetup = ['tests/support/global-setup.ts'];

/** What every project has. */
const common = {
  setupFiles: ['tests/support/each-file.ts'],
  // Files that follow one another in a process share what they import: to read it anew for each took half of a run.
  isolate: false,
  // Far more than any needs: a shared machine stalls, and only a failing test waits this long.
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

/**
 * One project per folder of tests. Those that need Postgres share one server per run and take a database of
 * their own, cloned from a migrated template (tests/support/database.ts).
 */
export default defineConfig({
  test: {
    pool: 'forks',
    // More than there are processors: many files wait for leases, servers and programs most of their time.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    watch: false,
    projects: [
      { test: { ...common, name: 'unit', include: ['tests/unit/**/*.test.{ts,tsx}'] } },
      {
        test: {
          ...common,
          name: 'architecture',
          include: ['tests/architecture/**/*.test.ts'],
          globalSetup: databaseSetup,
        },
      },
      ...['integration', 'contract'].map((name) => ({
        test: {
          ...common,
          name,
          include: [`tests/${name}/**/*.test.ts`],
          globalSetup: databaseSetup,
        },
      })),
    ],
  },
});
