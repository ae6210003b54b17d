import { asWorker, type Database, type Transaction } from '#db/client.ts';
import { type AskedMail, type Grant, grantPermits, type PaceCause, usableFigures } from '#lib/policy/pace.ts';
import { type ConnectionStand, shareConnections } from '#lib/policy/share-connections.ts';
import { rateFactorAt } from '#lib/policy/slow-down.ts';
import {
  type PoolStand,
  poolStandColumns,
  poolStandOf,
  type PoolStandRow,
  recipientsOfDay,
} from './pool-stand.ts';

/** What a lane asks of the pool that its project draws from. */
export interface PoolAsk {
  readonly poolId: string;
  readonly laneId: string;
  readonly workerId: string;
  readonly mails: readonly AskedMail[];
  /** Permits that were given and not used. */
  readonly unused: { readonly mails: number; readonly recipients: number; readonly bytes: number };
  /** Connections that it keeps open, and how many it could use. */
  readonly open: number;
  readonly wanted: number;
}

export type PoolAnswer =
  /** The lane's projects draw from this pool no more. */
  | { readonly kind: 'free' }
  | {
      readonly kind: 'paced';
      /** In how many ms each of the first mails may start. */
      readonly startsInMs: readonly number[];
      readonly next:
        | { readonly kind: 'none' }
        | {
            readonly kind: 'wait';
            readonly ms: number;
            readonly cause: PaceCause | 'stopped' | 'connections';
          }
        | { readonly kind: 'quota'; readonly left: number };
      /** How many it may have open; null: the pool does not count them. */
      readonly connections: number | null;
    };

/** Workers silent for so long hold no connections any more: the leases of their lanes have run out too. */
const silentMs = 8_000;
/** Another lane gives a connection back within about so long. */
const askForConnectionMs = 500;

/**
 * Takes permits and connections for one lane. Whoever asks waits for the pool's one row, so any number of workers
 * stand in one line; all of it is one short transaction, about once a second and lane.
 */
export function askPool(database: Database, ask: PoolAsk): Promise<PoolAnswer> {
  return asWorker(database, async (tx) => {
    const pool = await lockPool(tx, ask);
    if (pool === null) return { kind: 'free' };
    const seen = await readSeen(tx, ask);
    const factor = rateFactorAt(pool.slow, seen.nowMs);
    const usable = usableFigures(pool.figures, factor);
    const connections =
      usable.connections === null
        ? null
        : shareConnections(
            { ...seen.own, held: ask.open, wanted: ask.wanted },
            seen.others,
            usable.connections,
            seen.nowMs,
          );
    const stopMs = (pool.slow.stoppedUntilMs ?? 0) - seen.nowMs;
    const canStart = stopMs <= 0 && connections !== 0;
    const left =
      usable.recipientsPerDay === null
        ? null
        : usable.recipientsPerDay - seen.recipientsUsed + ask.unused.recipients;
    const facts = { state: pool.pace, figures: pool.figures, factor, recipientsLeft: left };
    const grant = grantPermits(facts, canStart ? ask.mails : [], seen.nowMs);
    const isWaiting = ask.mails.length > 0 && (stopMs > 0 || grant.next.kind === 'rate');
    await write(tx, ask, { grant, connections, nowMs: seen.nowMs, isWaiting });
    return {
      kind: 'paced',
      startsInMs: grant.startsMs.map((startMs) => startMs - seen.nowMs),
      next:
        stopMs > 0
          ? { kind: 'wait', ms: stopMs, cause: 'stopped' }
          : connections === 0
            ? { kind: 'wait', ms: askForConnectionMs, cause: 'connections' }
            : nextOf(grant, seen.nowMs),
      connections,
    };
  });
}

function nextOf({ next }: Grant, nowMs: number): Extract<PoolAnswer, { kind: 'paced' }>['next'] {
  return next.kind === 'rate' ? { kind: 'wait', ms: next.startMs - nowMs, cause: next.cause } : next;
}

async function lockPool(tx: Transaction, { poolId, laneId }: PoolAsk): Promise<PoolStand | null> {
  const { rows } = await tx.query<PoolStandRow>(
    `select ${poolStandColumns} from mailroom.pools po join mailroom.pool_paces pp on pp.pool_id = po.id
     where po.id = $1 and po.archived_at is null
       and exists (select from mailroom.projects p where p.lane_id = $2 and p.pool_id = po.id)
     for update of pp`,
    [poolId, laneId],
  );
  const [row] = rows;
  return row === undefined ? null : poolStandOf(row);
}

interface Seen {
  readonly nowMs: number;
  readonly recipientsUsed: number;
  readonly own: ConnectionStand;
  readonly others: readonly ConnectionStand[];
}

// After the lock, so that it sees what the one before has written.
async function readSeen(tx: Transaction, ask: PoolAsk): Promise<Seen> {
  const { rows } = await tx.query<{
    now_ms: number;
    used: number;
    lane_id: string | null;
    worker_id: string | null;
    held: number | null;
    wanted: number | null;
    since_ms: number | null;
  }>(
    `select extract(epoch from mailroom.now())::float8 * 1000 as now_ms,
       case when po.recipients_per_day is null then 0 else ${recipientsOfDay} end as used,
       c.lane_id, c.worker_id, c.held, c.wanted, extract(epoch from c.asked_at)::float8 * 1000 as since_ms
     from mailroom.pools po
     left join mailroom.pool_connections c on c.pool_id = po.id and exists (
       select from mailroom.workers w where w.id = c.worker_id and w.lost_at is null and w.stopped_at is null
         and w.beat_at > mailroom.now() - $2 * interval '1 millisecond')
     where po.id = $1`,
    [ask.poolId, silentMs],
  );
  const nowMs = rows[0]?.now_ms ?? 0;
  const stands = rows.flatMap(({ lane_id, worker_id, held, wanted, since_ms }) =>
    lane_id === null || worker_id === null
      ? []
      : [
          {
            laneKey: `${lane_id} ${worker_id}`,
            held: held ?? 0,
            wanted: wanted ?? 0,
            sinceMs: since_ms ?? nowMs,
          },
        ],
  );
  const laneKey = `${ask.laneId} ${ask.workerId}`;
  const known = stands.find((stand) => stand.laneKey === laneKey);
  const hasChanged = known === undefined || known.held > 0 !== ask.open > 0;
  return {
    nowMs,
    recipientsUsed: rows[0]?.used ?? 0,
    own: {
      laneKey,
      held: ask.open,
      wanted: ask.wanted,
      sinceMs: hasChanged && known?.held !== 0 ? nowMs : (known?.sinceMs ?? nowMs),
    },
    others: stands.filter((stand) => stand.laneKey !== laneKey),
  };
}

interface Written {
  readonly grant: Grant;
  readonly connections: number | null;
  readonly nowMs: number;
  readonly isWaiting: boolean;
}

async function write(
  tx: Transaction,
  ask: PoolAsk,
  { grant, connections, isWaiting }: Written,
): Promise<void> {
  const given = ask.mails.slice(0, grant.startsMs.length);
  const sum = (of: (mail: AskedMail) => number): number => given.reduce((total, mail) => total + of(mail), 0);
  const held = connections === null ? 0 : Math.max(connections, ask.open);
  await tx.query(writeStatement, [
    ask.poolId,
    grant.state.minuteFreeMs,
    grant.state.hourFreeMs,
    grant.state.bytesFreeMs,
    isWaiting,
    given.length - ask.unused.mails,
    sum(({ recipients }) => recipients) - ask.unused.recipients,
    sum(({ bytes }) => bytes) - ask.unused.bytes,
    ask.laneId,
    ask.workerId,
    held,
    connections === null ? 0 : ask.wanted,
    silentMs,
  ]);
}

// A lane that neither holds nor wants connections has no row; rows of workers that are gone leave with the next ask.
const writeStatement = `
with pace as (
  update mailroom.pool_paces set
    minute_free_at = to_timestamp($2::float8 / 1000), hour_free_at = to_timestamp($3::float8 / 1000),
    bytes_free_at = to_timestamp($4::float8 / 1000),
    paced_at = case when $5::boolean then mailroom.now() else paced_at end
  where pool_id = $1
  returning organization_id
), used as (
  insert into mailroom.pool_usage as u (pool_id, minute, organization_id, mails, recipients, bytes)
  select $1, date_trunc('minute', mailroom.now()), organization_id, $6::integer, $7::integer, $8::bigint from pace
  where ($6::integer, $7::integer, $8::bigint) <> (0, 0, 0)
  on conflict (pool_id, minute) do update set
    mails = u.mails + excluded.mails, recipients = u.recipients + excluded.recipients, bytes = u.bytes + excluded.bytes
), stood as (
  insert into mailroom.pool_connections as c (pool_id, lane_id, worker_id, organization_id, held, wanted, asked_at)
  select $1, $9, $10, organization_id, $11::integer, $12::integer, mailroom.now() from pace
  where $11::integer > 0 or $12::integer > 0
  on conflict (pool_id, lane_id, worker_id) do update set held = excluded.held, wanted = excluded.wanted,
    asked_at = case when (c.held > 0) <> (excluded.held > 0) then excluded.asked_at else c.asked_at end
)
delete from mailroom.pool_connections c
where c.pool_id = $1 and (
  (c.lane_id = $9 and c.worker_id = $10 and $11::integer = 0 and $12::integer = 0)
  or not exists (
    select from mailroom.workers w where w.id = c.worker_id and w.lost_at is null and w.stopped_at is null
      and w.beat_at > mailroom.now() - $13 * interval '1 millisecond'))`;
