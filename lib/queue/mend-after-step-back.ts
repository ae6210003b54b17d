import { asOwner, type Database, type Transaction } from '#db/client.ts';
import { leaseMs } from './lease-time.ts';

export interface StepBack {
  /** The sum of the steps back that were noticed before this one; none is above 0. */
  readonly knownMs: number;
  readonly backMs: number;
}

/**
 * After a step back of the database's clock, times that were written by the clock of before lie in a future that is not
 * to be waited for: turns and tries of mails, waits, probes and leases of lanes, beats, the paces of pools, turns at
 * Graph. A time that a person chose (send at, expires) stays, and so does what is counted in the windows of limits. Each
 * step is mended once: false where another worker has done so meanwhile. It concerns every organization, so it runs as the
 * owner of the tables.
 */
export function mendAfterStepBack(database: Database, { knownMs, backMs }: StepBack): Promise<boolean> {
  return asOwner(database, async (tx) => {
    const taken = await tx.query(
      `update mailroom.installation set clock_stepped_ms = clock_stepped_ms - $2::bigint
       where clock_stepped_ms = $1::bigint`,
      [knownMs, backMs],
    );
    if (taken.rowCount !== 1) return false;
    await mendLanes(tx, backMs);
    await mendMails(tx, backMs);
    await mendPools(tx, backMs);
    for (const statement of others) await tx.query(statement, [backMs]);
    return true;
  });
}

/** What has happened, happened before now. */
function past(column: string): string {
  return `${column} = case when ${column} > mailroom.now()
    then least(mailroom.now(), ${column} - $1 * interval '1 millisecond') else ${column} end`;
}

/** What is waited for comes as much later as was meant. */
function wait(column: string): string {
  return `${column} = case when ${column} > mailroom.now()
    then greatest(mailroom.now(), ${column} - $1 * interval '1 millisecond') else ${column} end`;
}

async function mendLanes(tx: Transaction, backMs: number): Promise<void> {
  await tx.query(
    `update mailroom.lanes set
       lease_expires_at = case when lease_expires_at is not null
         then least(lease_expires_at, mailroom.now() + $2 * interval '1 millisecond') end,
       ${wait('wait_until')}, ${wait('slowed_until')}, ${wait('primary_probe_at')}, ${past('wait_since')},
       ${past('slowed_at')}, ${past('alternate_since')}, ${past('both_down_since')}, ${past('primary_up_since')}
     where lease_expires_at > mailroom.now() or greatest(wait_until, slowed_until, primary_probe_at, wait_since,
       slowed_at, alternate_since, both_down_since, primary_up_since) > mailroom.now()`,
    [backMs, leaseMs],
  );
}

// A mail that was put to wait before the step forward of a clock that now steps back has the right time already.
async function mendMails(tx: Transaction, backMs: number): Promise<void> {
  await tx.query(
    `with moved as (
       update mailroom.queue_entries q
       set due_at = greatest(mailroom.now(), q.due_at - $1 * interval '1 millisecond')
       from mailroom.messages m
       where q.due_at > mailroom.now() and m.id = q.message_id and m.state_at > mailroom.now()
         and (m.send_at is null or m.send_at <= mailroom.now() or m.attempt_count > 0)
       returning q.message_id, q.due_at
     )
     update mailroom.messages m set ${past('waited_from')},
       next_attempt_at = case when m.next_attempt_at is null then null else moved.due_at end
     from moved where m.id = moved.message_id`,
    [backMs],
  );
}

// What was let go in minutes that are to come yet would count in the day's quota for as much longer.
async function mendPools(tx: Transaction, backMs: number): Promise<void> {
  await tx.query(
    `update mailroom.pool_paces set ${wait('minute_free_at')}, ${wait('hour_free_at')}, ${wait('bytes_free_at')},
       ${wait('stopped_until')}, ${past('slowed_at')}, ${past('paced_at')}
     where greatest(minute_free_at, hour_free_at, bytes_free_at, stopped_until, slowed_at, paced_at) > mailroom.now()`,
    [backMs],
  );
  await tx.query(
    `with early as (
       delete from mailroom.pool_usage where minute > mailroom.now() returning *
     )
     insert into mailroom.pool_usage as u (pool_id, minute, organization_id, mails, recipients, bytes)
     select pool_id, least(date_trunc('minute', mailroom.now()), date_trunc('minute', minute - $1 * interval '1 millisecond')),
       organization_id, sum(mails), sum(recipients), sum(bytes)
     from early group by 1, 2, 3
     on conflict (pool_id, minute) do update set
       mails = u.mails + excluded.mails, recipients = u.recipients + excluded.recipients, bytes = u.bytes + excluded.bytes`,
    [backMs],
  );
}

const others = [
  `update mailroom.workers set ${past('started_at')}, ${past('beat_at')}, ${past('stopped_at')}, ${past('lost_at')}
   where greatest(started_at, beat_at, stopped_at, lost_at) > mailroom.now()`,
  `update mailroom.pool_connections set ${past('asked_at')} where asked_at > mailroom.now()`,
  `update mailroom.graph_slots set ${wait('held_until')}, ${wait('wanted_until')}
   where greatest(held_until, wanted_until) > mailroom.now()`,
  `update mailroom.bulk_runs set ${wait('next_chunk_at')} where state = 'running' and next_chunk_at > mailroom.now()`,
  `update mailroom.oauth_grants set ${wait('refreshing_until')}, ${wait('renew_at')}, ${past('failed_at')}
   where greatest(refreshing_until, renew_at, failed_at) > mailroom.now()`,
];
