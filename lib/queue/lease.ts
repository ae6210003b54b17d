import { asDrain, asWorker, type Database } from '#db/client.ts';
import { schemaNumber } from '#db/migration-state.ts';
import type { Clock } from '#lib/clock.ts';
import { isLockTimeout } from '#lib/database-trouble.ts';
import { leaseMs } from './lease-time.ts';

/** A holder stops before the database says so: clocks tick apart and answers take time. */
const safetyMs = 1000;

/** The right to drive one lane, until `validUntilMs` of this process' own monotonic clock. */
export interface Lease {
  readonly laneId: string;
  readonly workerId: string;
  readonly generation: number;
  /** What the lane's wake sequence was when it was last looked at. */
  wakeSeq: number;
  validUntilMs: number;
}

/** What the lane says about its server when the lease is taken. */
export interface LaneFacts {
  readonly organizationId: string;
  readonly failureCount: number;
  /** How far its server has slowed it down, and since when that climbs back; less than 0: it stops first. */
  readonly slowed: { readonly rateFactor: number; readonly climbedMs: number };
}

interface TakenRow {
  readonly generation: number;
  readonly wake_seq: number;
  readonly organization_id: string;
  readonly failure_count: number;
  readonly rate_factor: number;
  readonly climbed_ms: number | null;
}

/** Takes the lane when nobody drives it and nothing holds it. Null otherwise. */
export async function takeLease(
  database: Database,
  clock: Clock,
  { laneId, workerId }: { readonly laneId: string; readonly workerId: string },
): Promise<{ lease: Lease; facts: LaneFacts } | null> {
  const askedMs = clock.monotonicMs();
  const { rows } = await asWorker(database, (tx) =>
    tx.queryLast<TakenRow>(
      `update mailroom.lanes set holder = $2, generation = generation + 1,
         lease_expires_at = mailroom.now() + $3 * interval '1 millisecond'
       where id = $1 and stopped_at is null and (wait_until is null or wait_until <= mailroom.now())
         and (holder is null or holder = $2 or lease_expires_at <= mailroom.now())
         and not exists (
           select from mailroom.installation where sending_stopped_at is not null or oldest_schema > $4)
         and exists (select from mailroom.workers where id = $2 and lost_at is null and stopped_at is null)
       returning generation, wake_seq, organization_id, failure_count, rate_factor,
         extract(epoch from mailroom.now() - greatest(slowed_at, slowed_until))::float8 * 1000 as climbed_ms`,
      [laneId, workerId, leaseMs, schemaNumber],
    ),
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    lease: {
      laneId,
      workerId,
      generation: row.generation,
      wakeSeq: row.wake_seq,
      validUntilMs: validUntil(askedMs),
    },
    facts: {
      organizationId: row.organization_id,
      failureCount: row.failure_count,
      slowed: { rateFactor: row.rate_factor, climbedMs: row.climbed_ms ?? 0 },
    },
  };
}

/** Until when this process may trust a lease or a beat that it asked for at `askedMs`, by its own monotonic clock. */
export function validUntil(askedMs: number): number {
  return askedMs + leaseMs - safetyMs;
}

export function isValid(lease: Lease, clock: Clock): boolean {
  return clock.monotonicMs() < lease.validUntilMs;
}

/** What a look at a lane tells: still ours, and whether it was woken since. */
export interface Renewed {
  readonly laneId: string;
  readonly wakeSeq: number;
}

/** A lane whose row is locked is waited for so long, in ms, and all of them together not much longer than the other. */
const lockWaitMs = 700;
const lockWaitsMs = 1500;

/**
 * Renews every lease of a worker; those that are missing in the answer are lost. First all whose rows nobody has locked,
 * in one statement, then the others one by one: what others keep locked must not hold up the leases of all.
 */
export async function renewLeases(
  database: Database,
  clock: Clock,
  leases: readonly Lease[],
): Promise<readonly Renewed[]> {
  if (leases.length === 0) return [];
  const askedMs = clock.monotonicMs();
  const { rows } = await asWorker(database, (tx) =>
    tx.queryLast<{ id: string; generation: number; wake_seq: number; is_renewed: boolean }>(
      `with own as materialized (
         select l.id, l.generation, l.wake_seq
         from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as held(id, worker_id, generation)
         join mailroom.lanes l on l.id = held.id and l.holder = held.worker_id and l.generation = held.generation
         where l.lease_expires_at > mailroom.now()
       ), free as materialized (
         select l.id from mailroom.lanes l join own on own.id = l.id and own.generation = l.generation
         for no key update of l skip locked
       ), renewed as (
         update mailroom.lanes l set lease_expires_at = mailroom.now() + $4 * interval '1 millisecond'
         from free where l.id = free.id returning l.id
       )
       select own.id, own.generation, own.wake_seq, renewed.id is not null as is_renewed
       from own left join renewed on renewed.id = own.id`,
      [
        leases.map(({ laneId }) => laneId),
        leases.map(({ workerId }) => workerId),
        leases.map(({ generation }) => generation),
        leaseMs,
      ],
    ),
  );
  for (const lease of leases) {
    const row = rows.find(({ id, generation }) => id === lease.laneId && generation === lease.generation);
    if (row?.is_renewed === true) lease.validUntilMs = validUntil(askedMs);
  }
  const isLocked = ({ laneId }: Lease): boolean =>
    rows.some(({ id, is_renewed }) => id === laneId && !is_renewed);
  await renewLocked(database, clock, leases.filter(isLocked));
  return rows.map(({ id, wake_seq }) => ({ laneId: id, wakeSeq: wake_seq }));
}

/** Marks of mails hold the row of a busy lane nearly always, each for a moment: its turn comes where it is waited for. */
async function renewLocked(database: Database, clock: Clock, leases: readonly Lease[]): Promise<void> {
  const endMs = clock.monotonicMs() + lockWaitsMs;
  for (const lease of leases.toSorted((one, other) => one.validUntilMs - other.validUntilMs)) {
    const askedMs = clock.monotonicMs();
    if (askedMs >= endMs) return;
    try {
      const { rowCount } = await asDrain(
        database,
        (tx) =>
          tx.queryLast(
            `update mailroom.lanes set lease_expires_at = mailroom.now() + $4 * interval '1 millisecond'
             where id = $1 and holder = $2 and generation = $3 and lease_expires_at > mailroom.now()`,
            [lease.laneId, lease.workerId, lease.generation, leaseMs],
          ),
        { lockWaitMs },
      );
      if (rowCount === 1) lease.validUntilMs = validUntil(askedMs);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
    }
  }
}

/** The wake sequences of lanes: how a holder hears of wakes whose job another worker took. */
export async function readWakeSeqs(
  database: Database,
  laneIds: readonly string[],
): Promise<readonly Renewed[]> {
  if (laneIds.length === 0) return [];
  const { rows } = await asWorker(database, (tx) =>
    tx.queryLast<{ id: string; wake_seq: number }>(
      'select id, wake_seq from mailroom.lanes where id = any($1::uuid[])',
      [laneIds],
    ),
  );
  return rows.map(({ id, wake_seq }) => ({ laneId: id, wakeSeq: wake_seq }));
}

/**
 * Gives the lane up. False when it was woken since `lease.wakeSeq`: then it stays ours and is to be looked at again,
 * so that no wake is lost to a job that this worker's own job key swallowed.
 */
export async function releaseLease(
  database: Database,
  lease: Lease,
  options: { readonly evenIfWoken: boolean },
): Promise<boolean> {
  const { rows } = await asWorker(database, (tx) =>
    tx.queryLast<{ wake_seq: number; is_free: boolean }>(
      `with mine as (
         select id, wake_seq from mailroom.lanes
         where id = $1 and holder = $2 and generation = $3 for update
       ), freed as (
         update mailroom.lanes l set holder = null, lease_expires_at = null from mine
         where l.id = mine.id and ($5 or mine.wake_seq = $4) returning l.id
       )
       select mine.wake_seq, exists (select from freed) as is_free from mine`,
      [lease.laneId, lease.workerId, lease.generation, lease.wakeSeq, options.evenIfWoken],
    ),
  );
  const [row] = rows;
  if (row === undefined || row.is_free) return true;
  lease.wakeSeq = row.wake_seq;
  return false;
}
