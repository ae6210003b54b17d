import assert from 'node:assert/strict';
import { asOwner } from '#db/client.ts';
import type { Fault } from '../fault.ts';
import type { Ground } from '../support/ground.ts';

// What a later release's migration does under the running code: more columns and tables, and its line in the list.
const laterMigration = [
  'alter table mailroom.messages add column later text',
  'alter table mailroom.queue_entries add column later integer not null default 0',
  'alter table mailroom.workers add column later text',
  'alter table mailroom.lanes add column later boolean not null default false',
  'create table mailroom.later (id uuid primary key)',
  'create index later_messages on mailroom.messages (project_id, later) where later is not null',
  "insert into mailroom_migrations.applied (hash, created_at) values ('later', 9999999999999)",
];

/** Facts, fault 23. */
export const twoGenerations: Fault = {
  name: 'two-generations',
  title: 'a migration runs in mid-drain, and a worker that started after it works beside the one from before',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desks = [await ground.openDesk(sink), await ground.openDesk(sink)];
    const older = await ground.startWorker();
    await Promise.all(desks.map((desk) => desk.accept(500)));
    await sink.mailbox.reached(50 + ground.random.below(200));
    const isBack = ground.outages.begin();
    await migrateOn(ground);
    isBack();
    await ground.startWorker();
    await Promise.all(desks.map((desk) => desk.accept(300)));
    await sink.mailbox.reached(900);
    assert.equal((await older.stop()).code, 0);
    await Promise.all(desks.map((desk) => desk.settled()));
    assert.equal(sink.mailbox.arrivals.length, 1600);
  },
};

/** Tables are locked one after the other under a running drain: where that crosses its own locks, it is tried again. */
async function migrateOn({ ctx }: Ground): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await asOwner(ctx.database, async (tx) => {
        for (const text of laterMigration) await tx.query(text);
      });
      return;
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === '40P01';
      if (!isDeadlock || tries === 10) throw error;
    }
  }
}
