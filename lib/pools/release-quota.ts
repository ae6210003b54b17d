import { asWorker, type Transaction, withTenant } from '#db/client.ts';
import { releaseHeld } from '../backlog/release-held.ts';
import { wakeProjects } from '../backlog/wake-projects.ts';
import { type Context, type Services, systemContext } from '../context.ts';
import { dealRecipients, type HeldForQuota } from '../policy/deal-recipients.ts';
import { usableFigures } from '../policy/pace.ts';
import { type PoolStandRow, poolStandColumns, poolStandOf, recipientsOfDay } from './pool-stand.ts';

/** Mails of one project that one look lets go at most. */
const mostOfProject = 500;

/**
 * Lets held mail go as its quota has room again (PRODUCT 5.9), by the rule of auto resume: of projects whose box is
 * ticked and that have fewer than their threshold waiting, the oldest first, in turn. Each release is in the history.
 * Answers how many went back into the queue.
 */
export async function releaseQuota(services: Services): Promise<number> {
  const waiting = await asWorker(services.database, (tx) => tx.query<WaitingRow>(waitingStatement));
  const pools = new Map<string, WaitingRow[]>();
  for (const row of waiting.rows) {
    // A project that left its pool, or whose pool has no quota any more, waits for nothing.
    const key = row.pool_id ?? row.project_id;
    pools.set(key, [...(pools.get(key) ?? []), row]);
  }
  let released = 0;
  for (const rows of pools.values()) released += await releasePool(services, rows);
  return released;
}

interface WaitingRow {
  readonly organization_id: string;
  readonly project_id: string;
  readonly name: string;
  readonly pool_id: string | null;
}

// Paused, stopped and archived projects keep theirs: it would only wait elsewhere.
const waitingStatement = `
select p.organization_id, p.id as project_id, p.name, po.id as pool_id
from (
  select c.project_id, sum(c.mails) as mails from mailroom.held_counts c
  where c.state = 'backlog' and c.reason = 'quota' group by c.project_id having sum(c.mails) > 0
) h
join mailroom.projects p on p.id = h.project_id
join mailroom.lanes n on n.id = p.lane_id and n.stopped_at is null
join mailroom.limit_policies l on l.organization_id = p.organization_id
left join mailroom.pools po on po.id = p.pool_id and po.recipients_per_day is not null and po.archived_at is null
where p.archived_at is null and p.paused_at is null and coalesce(p.auto_resume, l.auto_resume)
  and h.mails < coalesce(
    case when p.auto_resume is null then l.auto_resume_threshold else p.auto_resume_threshold end, 'infinity'::float8)
order by p.id`;

async function releasePool(services: Services, waiting: readonly WaitingRow[]): Promise<number> {
  const [first] = waiting;
  if (first === undefined) return 0;
  const organizationId = first.organization_id;
  const ctx = systemContext(services, { organizationId });
  const counts = await withTenant(services.database, { organizationId, userId: null }, (tx) =>
    releaseOf(tx, ctx, waiting),
  );
  const projectIds = waiting.flatMap(({ project_id }, index) =>
    (counts[index] ?? 0) > 0 ? [project_id] : [],
  );
  await wakeProjects(ctx, projectIds);
  return counts.reduce((sum, mails) => sum + mails, 0);
}

/** How many went, project by project. */
async function releaseOf(tx: Transaction, ctx: Context, waiting: readonly WaitingRow[]): Promise<number[]> {
  const poolId = waiting[0]?.pool_id ?? null;
  const { left, capacity } = poolId === null ? { left: Infinity, capacity: null } : await roomOf(tx, poolId);
  if (left <= 0) return [];
  // A mail that no day has room for waits for a person, and nobody waits behind it.
  const { rows } = await tx.query<HeldForQuota & { projectId: string }>(
    `select h.message_id as id, h.project_id as "projectId", h.recipient_count as recipients
     from unnest($1::uuid[]) as p(id) cross join lateral (
       select h.message_id, h.project_id, h.recipient_count from mailroom.held_messages h
       where h.project_id = p.id and h.state = 'backlog' and h.reason = 'quota'
         and h.recipient_count <= coalesce($2::int, h.recipient_count)
       order by h.message_id limit ${mostOfProject}
     ) h`,
    [waiting.map(({ project_id }) => project_id), capacity],
  );
  const lines = waiting.map(({ project_id }) => rows.filter(({ projectId }) => projectId === project_id));
  const dealt = new Set(dealRecipients(left, lines));
  const counts: number[] = [];
  for (const [index, { project_id, name }] of waiting.entries()) {
    const ids = (lines[index] ?? []).map(({ id }) => id).filter((id) => dealt.has(id));
    counts.push(ids.length === 0 ? 0 : await release(tx, ctx, { id: project_id, name }, ids));
  }
  return counts;
}

async function release(
  tx: Transaction,
  ctx: Context,
  project: { readonly id: string; readonly name: string },
  ids: readonly string[],
): Promise<number> {
  const cause = { project, action: 'backlog.auto_resumed', why: 'quota', facts: {} } as const;
  const { mails } = await releaseHeld(
    tx,
    ctx,
    cause,
    (values) => `select unnest(${values.add(ids, 'uuid[]')}) as message_id`,
  );
  return mails;
}

/** What is left of the day, less what is due already and will take some of it; and what a whole day has. */
async function roomOf(
  tx: Transaction,
  poolId: string,
): Promise<{ readonly left: number; readonly capacity: number | null }> {
  const { rows } = await tx.query<PoolStandRow & { used: number; due: number }>(
    `select ${poolStandColumns}, ${recipientsOfDay} as used, (
       select coalesce(sum(d.recipient_count), 0)::int from mailroom.projects p cross join lateral (
         select m.recipient_count from mailroom.queue_entries q join mailroom.messages m on m.id = q.message_id
         where q.project_id = p.id and q.due_at <= mailroom.now() limit 5000
       ) d where p.pool_id = po.id
     ) as due
     from mailroom.pools po join mailroom.pool_paces pp on pp.pool_id = po.id where po.id = $1`,
    [poolId],
  );
  const [row] = rows;
  if (row === undefined) return { left: 0, capacity: null };
  const { recipientsPerDay } = usableFigures(poolStandOf(row).figures, 1);
  if (recipientsPerDay === null) return { left: Infinity, capacity: null };
  return { left: recipientsPerDay - row.used - row.due, capacity: recipientsPerDay };
}
