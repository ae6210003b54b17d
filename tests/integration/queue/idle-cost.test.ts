import { expect, test } from 'vitest';
import { asOwner, type Database } from '#db/client.ts';
import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import { autoResumeDue } from '#lib/backlog/auto-resume-due.ts';
import { foldHeldCounts } from '#lib/backlog/fold-held-counts.ts';
import { releaseQuota } from '#lib/pools/release-quota.ts';
import { expireDue } from '#lib/queue/expire-due.ts';
import { checkInstallation } from '#lib/queue/installation.ts';
import { recoverStarted } from '#lib/queue/recover.ts';
import { findIdleLanes } from '#lib/queue/sweep.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { testServices } from '#tests/support/factories.ts';
import { makeScene, queueMails } from './queue-scene.ts';

const sentMails = 8_000;
const waitingMails = 2_000;
const mostRows = 500;

test('what the timers of a worker read does not grow with the mail that was ever sent', async () => {
  // One connection: what it has read is told when it is asked to.
  const { database } = await createTestDatabase({ maxConnections: 1 });
  const services = testServices(database);
  const scene = await makeScene(database, { port: 9 });
  await queueMails(database, scene, sentMails);
  await asOwner(database, async (tx) => {
    await tx.query(`update mailroom.messages set state = 'sent', sent_at = mailroom.now()`);
    await tx.query(`update mailroom.recipients set state = 'accepted'`);
    await tx.query('delete from mailroom.queue_entries');
  });
  // Nothing of it is due, and nobody has counted the rows yet: a plan for many must not be made for none.
  await queueMails(database, scene, waitingMails);
  await asOwner(database, (tx) =>
    tx.query(`update mailroom.queue_entries set due_at = mailroom.now() + interval '1 hour'`),
  );

  const timers = {
    findIdleLanes: () => findIdleLanes(database, 100),
    expireDue: () => expireDue(database, 0),
    recoverStarted: () => recoverStarted(services, 0),
    advanceBulkRuns: () => advanceBulkRuns(services),
    autoResumeDue: () => autoResumeDue(services),
    foldHeldCounts: () => foldHeldCounts(services),
    releaseQuota: () => releaseQuota(services),
    checkInstallation: () => checkInstallation(database),
  };
  for (const [name, turn] of Object.entries(timers)) {
    const before = await rowsRead(database);
    await turn();
    expect((await rowsRead(database)) - before, name).toBeLessThan(mostRows);
  }
});

async function rowsRead(database: Database): Promise<number> {
  await asOwner(database, (tx) => tx.query('select pg_stat_force_next_flush()'));
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ rows: number }>(
      `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as rows
       from pg_stat_user_tables
       where schemaname = 'mailroom' and relname in ('messages', 'recipients', 'attempts')`,
    ),
  );
  return rows[0]?.rows ?? 0;
}
