import { withTenant, type Transaction } from '#db/client.ts';
import { schemaNumber } from '#db/migration-state.ts';
import { requirePermission } from '../access/can.ts';
import { type Context, tenantScope } from '../context.ts';
import { leaseMs } from './lease-time.ts';

/**
 * `silent`: two of its beats are missing. `lost`: silent for a lease, so that others take its lanes. `stopped`: it was
 * asked to end, and gave back what it held.
 */
export type WorkerState = 'alive' | 'silent' | 'lost' | 'stopped';

export interface WorkerView {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Its code knows an older schema than this one. */
  readonly isOlder: boolean;
  readonly state: WorkerState;
  readonly startedAt: string;
  readonly lastBeatAt: string;
  /** When it stopped or was taken for lost. */
  readonly endedAt: string | null;
  readonly lanesHeld: number;
  /** Projects of the reader's own organization whose lanes it holds; of others only their number is told. */
  readonly ownProjects: readonly string[];
  /** Over its last beats. */
  readonly sentPerSecond: number;
  readonly sentCount: number;
  readonly memoryBytes: number;
}

export interface FleetView {
  /** Those at work first, then those that ended within a day, latest first. */
  readonly workers: readonly WorkerView[];
  /** Mails sent by all workers in each minute of the last hour, oldest first. */
  readonly minutes: readonly { readonly minute: string; readonly sent: number }[];
}

/** Two beats (of 2 s) and the time that one may take. */
const silentAfterMs = 5000;

/**
 * The workers of the whole installation. They serve all organizations, so whoever runs one of them may see how the
 * fleet does; whose lanes a worker holds is told of the reader's own organization only.
 */
export async function readFleet(ctx: Context): Promise<FleetView> {
  requirePermission(ctx, 'fleet.read', null);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const rows = await selectWorkers(tx);
    const lanes = Map.groupBy(await selectOwnLanes(tx), ({ holder }) => holder);
    const minutes = await selectMinutes(tx);
    return {
      workers: rows.map((row) =>
        presentWorker(
          row,
          (lanes.get(row.id) ?? []).map(({ name }) => name),
        ),
      ),
      minutes: minutes.map(({ minute, sent }) => ({ minute: minute.toISOString(), sent })),
    };
  });
}

interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly schema_number: number | null;
  readonly state: WorkerState;
  readonly started_at: Date;
  readonly beat_at: Date;
  readonly ended_at: Date | null;
  readonly lanes_held: number;
  readonly sent_per_second: number;
  readonly sent_count: number;
  readonly memory_bytes: number;
}

async function selectWorkers(tx: Transaction): Promise<readonly WorkerRow[]> {
  const { rows } = await tx.query<WorkerRow>(
    `select * from (
       select id, host, pid, version, schema_number, started_at, beat_at, lanes_held, sent_per_second, sent_count,
         memory_bytes, coalesce(stopped_at, lost_at) as ended_at,
         case when stopped_at is not null then 'stopped'
           when lost_at is not null or beat_at <= mailroom.now() - $1 * interval '1 millisecond' then 'lost'
           when beat_at <= mailroom.now() - $2 * interval '1 millisecond' then 'silent'
           else 'alive' end as state
       from mailroom.workers where beat_at > mailroom.now() - interval '1 day'
     ) w
     order by state in ('alive', 'silent') desc, case when state in ('alive', 'silent') then host end,
       case when state in ('alive', 'silent') then started_at end, coalesce(ended_at, beat_at) desc limit 100`,
    [leaseMs, silentAfterMs],
  );
  return rows;
}

interface OwnLaneRow {
  readonly holder: string;
  readonly name: string;
}

// Row-level security leaves the reader's own organization.
async function selectOwnLanes(tx: Transaction): Promise<readonly OwnLaneRow[]> {
  const { rows } = await tx.query<OwnLaneRow>(
    `select l.holder, p.name from mailroom.lanes l join mailroom.projects p on p.lane_id = l.id
     where l.holder is not null and l.lease_expires_at > mailroom.now() order by lower(p.name)`,
  );
  return rows;
}

async function selectMinutes(
  tx: Transaction,
): Promise<readonly { readonly minute: Date; readonly sent: number }[]> {
  const { rows } = await tx.query<{ minute: Date; sent: number }>(
    `select g.minute, coalesce(sum(m.sent), 0)::integer as sent
     from generate_series(date_trunc('minute', mailroom.now()) - interval '59 minutes',
       date_trunc('minute', mailroom.now()), interval '1 minute') as g(minute)
     left join mailroom.fleet_minutes m on m.minute = g.minute
     group by g.minute order by g.minute`,
  );
  return rows;
}

function presentWorker(row: WorkerRow, ownProjects: readonly string[]): WorkerView {
  const isAtWork = row.state === 'alive' || row.state === 'silent';
  return {
    id: row.id,
    host: row.host,
    pid: row.pid,
    version: row.version,
    isOlder: (row.schema_number ?? 0) < schemaNumber,
    state: row.state,
    startedAt: row.started_at.toISOString(),
    lastBeatAt: row.beat_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    lanesHeld: isAtWork ? row.lanes_held : 0,
    ownProjects: isAtWork ? ownProjects : [],
    sentPerSecond: isAtWork ? row.sent_per_second : 0,
    sentCount: row.sent_count,
    memoryBytes: row.memory_bytes,
  };
}
