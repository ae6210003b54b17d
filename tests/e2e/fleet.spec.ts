import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { projectRoot } from '#scripts/portal-build.ts';
import {
  expect,
  expectAccessible,
  queryProduct,
  type RunningProduct,
  runningProduct,
  test,
} from '#tests/support/e2e.ts';
import { openMessageDesk } from '#tests/support/message-desk.ts';

// Another process notices, and the page hears of it.
const soon = { timeout: 60_000 };

test('the fleet page shows the worker with what it does', async ({ portal }) => {
  await portal.getByRole('link', { name: 'Fleet', exact: true }).click();
  await expect(portal.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible();
  const rows = portal.getByRole('table', { name: 'Workers' }).locator('tbody').getByRole('row');
  await expect(rows.filter({ hasText: 'Alive' })).toHaveCount(1, soon);
  await expect(portal.getByRole('figure', { name: /Mails sent by all workers/ })).toBeVisible();
  await portal.getByRole('button', { name: 'Show as a table' }).click();
  await expect(portal.getByRole('columnheader', { name: 'Minute', exact: true })).toBeVisible();
  await expectAccessible(portal);
});

test('a killed worker is shown as lost without a reload, beside the one that takes over', async ({
  portal,
}) => {
  const pid = await settledWorker();
  await portal.goto('/northwind/-/fleet');
  const row = portal.getByRole('row').filter({ has: portal.getByText(String(pid), { exact: true }) });
  await expect(row).toContainText('Alive');
  process.kill(pid, 'SIGKILL');
  await expect(row).toContainText('Lost', soon);
  await expect(portal.getByRole('row').filter({ hasText: 'Alive' })).toHaveCount(1, soon);
});

test('while no worker runs every page says since when', async ({ portal }) => {
  const pid = await settledWorker();
  process.kill(pid, 'SIGSTOP');
  try {
    const banner = portal.getByText('No worker is running: mail is accepted and waits.');
    await expect(banner).toBeVisible(soon);
    await expectAccessible(portal);
    await portal.goto('/northwind/-/account');
    await expect(banner).toBeVisible(soon);
    await portal.getByRole('link', { name: 'See the fleet' }).click();
    await expect(portal.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible();
    await expect(portal.getByRole('row').filter({ hasText: 'Lost' }).first()).toBeVisible(soon);
    process.kill(pid, 'SIGCONT');
    await expect(portal.getByRole('row').filter({ hasText: 'Alive' })).toHaveCount(1, soon);
    await expect(banner).toHaveCount(0, soon);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('after a restore nothing is sent until a person says so', async ({ portal, browser, product }) => {
  const desk = await openMessageDesk(browser, Date.now().toString(36));
  await settledWorker();
  await markRestored(product);
  const banner = portal.getByText('Sending stands still: the database was restored.');
  await expect(banner).toBeVisible(soon);
  await expectAccessible(portal);
  const { id } = await desk.program.send({
    to: ['noor@lakeside.example'],
    subject: 'After a restore',
    text: 'x',
  });
  await portal.getByRole('button', { name: 'Start all sending' }).click();
  const dialog = portal.getByRole('dialog', { name: 'Start sending of all projects?' });
  await expect(dialog).toContainText('goes out a second time');
  expect(await stateOf(id)).toBe('queued');
  await dialog.getByRole('button', { name: 'Start all sending' }).click();
  await expect(banner).toHaveCount(0, soon);
  await expect.poll(() => stateOf(id), soon).toBe('sent');
});

test('while the database is away every page says so with 503, and comes back by itself', async ({
  portal,
  page,
  request,
}) => {
  const back = await closeDatabase();
  try {
    for (const path of ['/northwind', '/sign-in']) {
      const answer = await page.goto(path);
      expect(answer?.status()).toBe(503);
      expect(Number(answer?.headers()['retry-after'])).toBeGreaterThan(0);
      await expect(page.getByRole('heading', { name: 'The database cannot be reached' })).toBeVisible();
    }
    await expectAccessible(page);
    expect((await request.get('/api/health')).status()).toBe(200);
    const ready = await request.get('/api/ready');
    expect(ready.status()).toBe(503);
    expect(await ready.json()).toMatchObject({ reason: 'The database does not answer.' });
    await portal.goto('/northwind/-/fleet');
    await expect(portal.getByRole('heading', { name: 'The database cannot be reached' })).toBeVisible();
  } finally {
    await back();
  }
  await expect(portal.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible(soon);
  // The worker has waited, and goes on.
  await expect(portal.getByRole('row').filter({ hasText: 'Alive' })).toHaveCount(1, soon);
});

/** The worker's process, once it has run for so long that `npm start` takes its end for an accident. */
async function settledWorker(): Promise<number> {
  let pid = 0;
  await expect
    .poll(
      async () => {
        const rows = await queryProduct(
          `select pid from mailroom.workers
           where stopped_at is null and lost_at is null and beat_at > now() - interval '4 seconds'
             and started_at < now() - interval '15 seconds'`,
        );
        pid = rows.length === 1 ? Number(rows[0]?.['pid']) : 0;
        return pid;
      },
      { timeout: 120_000 },
    )
    .toBeGreaterThan(0);
  return pid;
}

async function stateOf(id: string): Promise<unknown> {
  const rows = await queryProduct('select state from mailroom.messages where id = $1', [id]);
  return rows[0]?.['state'];
}

/** `npm run mailroom -- mark-restored`, as an operator says it; it opens no secret, so any key will do. */
async function markRestored({ databaseUrl }: RunningProduct): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(projectRoot, 'scripts/mailroom.ts'), 'mark-restored', '-o', 'northwind'],
    {
      cwd: projectRoot,
      stdio: 'inherit',
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_ENV: 'test',
        DATABASE_URL: databaseUrl,
        MAILROOM_KEYS: `any:${randomBytes(32).toString('base64')}`,
      },
    },
  );
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
}

/** Takes the database away from everybody; the answer brings it back. */
async function closeDatabase(): Promise<() => Promise<void>> {
  const address = new URL(runningProduct().databaseUrl);
  const name = pg.escapeIdentifier(address.pathname.slice(1));
  address.pathname = '/postgres';
  const client = new pg.Client({ connectionString: String(address) });
  await client.connect();
  await client.query(`alter database ${name} with allow_connections false`);
  await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [
    new URL(runningProduct().databaseUrl).pathname.slice(1),
  ]);
  return async () => {
    await client.query(`alter database ${name} with allow_connections true`);
    await client.end();
  };
}
