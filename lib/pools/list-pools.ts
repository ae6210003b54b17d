import { type Transaction, withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { type Context, tenantScope } from '../context.ts';
import { nextStart, usableFigures } from '#lib/policy/pace.ts';
import { rateFactorAt } from '#lib/policy/slow-down.ts';
import { type PoolStandRow, poolStandColumns, poolStandOf, recipientsOfDay } from './pool-stand.ts';
import type { PoolKind } from './schemas.ts';

type Figures = ReturnType<typeof usableFigures>;

export interface PoolView {
  readonly id: string;
  readonly name: string;
  readonly kind: PoolKind;
  readonly preset: string;
  readonly version: number;
  /** As they were typed in. */
  readonly figures: Figures & { readonly reservePercent: number; readonly reserveRecipients: number };
  /** What is left of them for these projects now: without the reserve, slowed by the provider. */
  readonly usable: Figures;
  /** The part of the rates that the provider lets through; 1 when it has asked for nothing. */
  readonly rateFactor: number;
  /** Mails wait for it at this moment. */
  readonly isPacing: boolean;
  /** When the next mail may start, while it is pacing. */
  readonly nextAt: string | null;
  readonly stopped: {
    readonly until: string;
    readonly code: string | null;
    readonly reply: string | null;
  } | null;
  readonly used: {
    readonly mailsLastMinute: number;
    readonly mailsLastHour: number;
    readonly recipientsLastDay: number;
    readonly connections: number;
  };
  /** Those that the reader may see. */
  readonly projects: readonly { readonly id: string; readonly slug: string; readonly name: string }[];
}

/** The pools of the organization with what they do at this moment. */
export function listPools(ctx: Context): Promise<readonly PoolView[]> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    requirePermission(ctx, 'organization.read', null);
    return loadPools(tx, ctx, null);
  });
}

/** As `listPools`, in a transaction that is open, or the one pool that is named. The caller has asked for permission. */
export async function loadPools(
  tx: Transaction,
  ctx: Context,
  only: string | null,
): Promise<readonly PoolView[]> {
  const { rows } = await tx.query<PoolViewRow>(listStatement, [ctx.organizationId, only]);
  return rows.map((row) => {
    const view = viewOf(row);
    return { ...view, projects: view.projects.filter(({ id }) => can(ctx.actor, 'project.read', id)) };
  });
}

interface PoolViewRow extends PoolStandRow {
  readonly id: string;
  readonly name: string;
  readonly kind: PoolKind;
  readonly preset: string;
  readonly version: number;
  readonly now_ms: number;
  readonly is_waited_for: boolean;
  readonly slow_code: string | null;
  readonly slow_reply: string | null;
  readonly last_minute: number;
  readonly last_hour: number;
  readonly last_day: number;
  readonly connections_held: number;
  readonly projects: readonly { readonly id: string; readonly slug: string; readonly name: string }[] | null;
}

/** Lanes that wait ask again at least every five seconds. */
const listStatement = `
select po.id, po.name, po.kind, po.preset, po.version, ${poolStandColumns}, pp.slow_code, pp.slow_reply,
  extract(epoch from mailroom.now())::float8 * 1000 as now_ms,
  coalesce(pp.paced_at > mailroom.now() - interval '10 seconds', false) as is_waited_for,
  u.last_minute, u.last_hour, ${recipientsOfDay} as last_day,
  (select coalesce(sum(c.held), 0)::int from mailroom.pool_connections c join mailroom.workers w on w.id = c.worker_id
   where c.pool_id = po.id and w.lost_at is null and w.stopped_at is null
     and w.beat_at > mailroom.now() - interval '8 seconds') as connections_held,
  (select json_agg(json_build_object('id', p.id, 'slug', p.slug, 'name', p.name) order by p.name)
   from mailroom.projects p where p.pool_id = po.id) as projects
from mailroom.pools po join mailroom.pool_paces pp on pp.pool_id = po.id
cross join lateral (
  select coalesce(sum(u.mails) filter (where u.minute >= mailroom.now() - interval '2 minutes'
      and u.minute < date_trunc('minute', mailroom.now())), 0)::int as last_minute,
    coalesce(sum(u.mails), 0)::int as last_hour
  from mailroom.pool_usage u where u.pool_id = po.id and u.minute >= mailroom.now() - interval '1 hour'
) u
where po.organization_id = $1 and po.archived_at is null and ($2::uuid is null or po.id = $2)
order by lower(po.name)`;

function viewOf(row: PoolViewRow): PoolView {
  const { figures, pace, slow } = poolStandOf(row);
  const factor = rateFactorAt(slow, row.now_ms);
  const stoppedMs =
    slow.stoppedUntilMs !== null && slow.stoppedUntilMs > row.now_ms ? slow.stoppedUntilMs : null;
  const { startMs } = nextStart({ state: pace, figures, factor }, row.now_ms);
  const isPacing = row.is_waited_for && (stoppedMs !== null || startMs > row.now_ms);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    preset: row.preset,
    version: row.version,
    figures,
    usable: usableFigures(figures, factor),
    rateFactor: factor,
    isPacing,
    nextAt: isPacing ? isoOf(Math.max(startMs, stoppedMs ?? 0)) : null,
    stopped:
      stoppedMs === null ? null : { until: isoOf(stoppedMs), code: row.slow_code, reply: row.slow_reply },
    used: {
      mailsLastMinute: row.last_minute,
      mailsLastHour: row.last_hour,
      recipientsLastDay: row.last_day,
      connections: row.connections_held,
    },
    projects: row.projects ?? [],
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
