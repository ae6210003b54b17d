import { asOwner } from '#db/client.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { makeScene } from '#tests/integration/queue/queue-scene.ts';
import type { TestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { startWorkerProcess } from './worker-process.ts';

export interface KilledRun {
  readonly doneAtKill: number;
  /** How often each mail's history says that it was resumed, and how many mails have that. */
  readonly timesResumed: readonly { readonly times: number; readonly mails: number }[];
  readonly queued: number;
  readonly left: number;
  readonly run: {
    readonly state: string;
    readonly expected: number;
    readonly done: number;
    readonly skipped: number;
  };
  readonly audited: readonly unknown[];
}

/**
 * A resume of so many held mails by a real worker, which is killed (SIGKILL) in the middle; another finishes it. The
 * project is paused, so that what was resumed stays to be counted.
 */
export async function killedResume(db: TestDatabase, mails: number): Promise<KilledRun> {
  const scene = await makeScene(db.database, { port: 9 });
  const ctx = contextOf(testServices(db.database), scene.organization);
  await pauseSending(ctx, { project: scene.project.slug });
  await fillBacklog(db, scene.organization.id, scene.project.id, mails);
  const begun = await startBulkRun(ctx, {
    project: scene.project.slug,
    kind: 'resume',
    selection: { filter: { reason: ['day_limit'] } },
    overrides: { dayLimit: true },
  });
  const progress = async (): Promise<KilledRun['run']> => {
    const { rows } = await db.database.pool.query<KilledRun['run']>(
      'select state, expected, done, skipped from mailroom.bulk_runs where id = $1',
      [begun.id],
    );
    if (rows[0] === undefined) throw new Error('The run is gone');
    return rows[0];
  };
  const first = await startWorkerProcess(db);
  await waitUntil('a part of the run', async () => (await progress()).done >= mails / 5, { everyMs: 5 });
  first.signal('SIGKILL');
  await first.exited;
  const { done: doneAtKill } = await progress();
  const second = await startWorkerProcess(db);
  await waitUntil('the end of the run', async () => (await progress()).state === 'done', {
    withinMs: 120_000,
  });
  await second.stop(10_000);
  return asOwner(db.database, async (tx) => {
    const count = async (text: string): Promise<number> =>
      (await tx.query<{ count: number }>(text, [scene.project.id])).rows[0]?.count ?? -1;
    const times = await tx.query<{ times: number; mails: number }>(
      `select times, count(*)::int as mails from (
         select (
           select count(*)::int from mailroom.shared_events e
           where e.id = any (m.shared_event_ids) and e.kind = 'resumed'
         ) as times
         from mailroom.messages m where m.project_id = $1
       ) t group by times order by times`,
      [scene.project.id],
    );
    const audit = await tx.query(
      `select action, detail from mailroom.audit_entries
       where project_id = $1 and action like 'backlog.%' order by id`,
      [scene.project.id],
    );
    return {
      doneAtKill,
      timesResumed: times.rows,
      queued: await count(
        'select count(*)::int as count from mailroom.queue_entries where project_id = $1 and overrides = 1',
      ),
      left: await count('select count(*)::int as count from mailroom.held_messages where project_id = $1'),
      run: await progress(),
      audited: audit.rows,
    };
  });
}

async function fillBacklog(
  db: TestDatabase,
  organization: string,
  project: string,
  mails: number,
): Promise<void> {
  await asOwner(db.database, (tx) =>
    tx.query(
      `with mail as materialized (
         select (lpad(to_hex((extract(epoch from mailroom.now()) * 1000)::bigint - 3600000 + i), 12, '0') || '7000a'
           || lpad(to_hex(i), 15, '0'))::uuid as id, mailroom.now() - interval '1 hour' + i * interval '1 ms' as at
         from generate_series(1, $3::int) as i
       ), message as (
         insert into mailroom.messages (id, organization_id, project_id, source, category, priority, state, state_reason,
           state_at, accepted_at, subject, internet_message_id, first_recipient, recipient_count, size_bytes)
         select id, $1, $2, 'api', 'test', 1, 'backlog', 'day_limit', at, at, 'Test', '<' || id || '@test>',
           'someone@example.test', 1, 1000 from mail
       )
       insert into mailroom.held_messages (message_id, organization_id, project_id, state, reason, held_at, priority,
         category, recipient_count, size_bytes, due_at)
       select id, $1::uuid, $2::uuid, 'backlog', 'day_limit', at, 1, 'test', 1, 1000, at from mail`,
      [organization, project, mails],
    ),
  );
}
