import { asWorker, type Database } from '#db/client.ts';
import type { Clock } from '#lib/clock.ts';
import { leaseMs } from './lease-time.ts';

/** The clocks of two machines drift apart by less between two looks. */
const leastStepMs = 3000;

/**
 * Notices that the database's clock was set while a worker runs: it goes ahead with this process's own clock, or has
 * stepped. The first look holds it against the last word of any worker, which may be later than now.
 */
export class ClockWatch {
  readonly #database: Database;
  readonly #clock: Clock;
  #aheadMs: number | null = null;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** By how many ms it has stepped since the last look, back below 0; 0 when it has not. */
  async look(): Promise<number> {
    const askedMs = this.#clock.monotonicMs();
    const { rows } = await asWorker(this.#database, (tx) =>
      tx.query<{ now_ms: number; last_ms: number | null }>(
        `select extract(epoch from mailroom.now())::float8 * 1000 as now_ms,
           (select extract(epoch from max(greatest(beat_at, stopped_at)))::float8 * 1000 from mailroom.workers) as last_ms`,
      ),
    );
    const answeredMs = this.#clock.monotonicMs();
    const nowMs = rows[0]?.now_ms ?? 0;
    const aheadMs = nowMs - answeredMs;
    const known = this.#aheadMs;
    this.#aheadMs = aheadMs;
    if (known === null) return Math.min(0, stepOf(nowMs - (rows[0]?.last_ms ?? nowMs)));
    // A slow answer is no step: it was written somewhere between the question and now.
    const slackMs = answeredMs - askedMs;
    return Math.abs(aheadMs - known) <= slackMs ? 0 : stepOf(aheadMs - known);
  }
}

function stepOf(ms: number): number {
  return Math.abs(ms) < leastStepMs ? 0 : ms;
}

/**
 * After a step back, times that were written by the clock of before lie in a future that is not to be waited for: turns
 * and tries of mails, waits and leases of lanes, beats. A time that a person chose (send at, expires) stays.
 */
export async function mendAfterStepBack(database: Database, stepMs: number): Promise<void> {
  await asWorker(database, async (tx) => {
    await tx.query(
      `update mailroom.workers set beat_at = mailroom.now() where beat_at > mailroom.now() and stopped_at is null`,
    );
    await tx.query(
      `update mailroom.lanes set
         lease_expires_at = case when lease_expires_at > mailroom.now()
           then least(lease_expires_at, mailroom.now() + $2 * interval '1 millisecond') else lease_expires_at end,
         wait_until = case when wait_until > mailroom.now()
           then greatest(mailroom.now(), wait_until - $1 * interval '1 millisecond') else wait_until end,
         slowed_until = case when slowed_until > mailroom.now()
           then greatest(mailroom.now(), slowed_until - $1 * interval '1 millisecond') else slowed_until end
       where lease_expires_at > mailroom.now() or wait_until > mailroom.now() or slowed_until > mailroom.now()`,
      [stepMs, leaseMs],
    );
    await tx.query(
      `with moved as (
         update mailroom.queue_entries q
         set due_at = greatest(mailroom.now(), q.due_at - $1 * interval '1 millisecond')
         from mailroom.messages m
         where q.due_at > mailroom.now() and m.id = q.message_id and m.state_at > mailroom.now()
           and (m.send_at is null or m.send_at <= mailroom.now() or m.attempt_count > 0)
         returning q.message_id, q.due_at
       )
       update mailroom.messages m set next_attempt_at = moved.due_at from moved
       where m.id = moved.message_id and m.next_attempt_at is not null`,
      [stepMs],
    );
  });
}
