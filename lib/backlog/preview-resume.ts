import { inArray } from 'drizzle-orm';
import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { lanes } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { waitingReason } from '../messages/waiting-reason.ts';
import { parseInput } from '../parse-input.ts';
import { type HoldReason, isHoldReason } from '../policy/hold-reasons.ts';
import { openProjects } from './open-projects.ts';
import { readExactNow, readNow } from './read-now.ts';
import { heldSelection, pacePerMinute, projectOrAll } from './schemas.ts';
import { selectedHeld, type SelectionScope } from './select-held.ts';
import { spentQuotas } from './spent-quotas.ts';
import { SqlValues } from './sql-values.ts';
import type { PassedLimit, ResumePreview } from './views.ts';

const previewInput = z.strictObject({
  project: projectOrAll,
  selection: heldSelection,
  pacePerMinute: pacePerMinute.nullable().default(null),
});

/** What a resume of these mails would do: how far it passes which limits, what it leaves out, and what waits on. */
export function previewResume(ctx: Context, given: z.input<typeof previewInput>): Promise<ResumePreview> {
  const { project, selection, pacePerMinute: pace } = parseInput(previewInput, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const open = await openProjects(tx, ctx, project, 'backlog.write');
    const ids = open.map(({ id }) => id);
    const scope: SelectionScope = { projectIds: ids, state: 'backlog', asOf: await readExactNow(tx) };
    const spent = new Set(await spentQuotas(tx, ids));
    const groups = await countGroups(tx, scope, selection);
    const left = groups.filter(({ reason, projectId }) => reason === 'quota' && spent.has(projectId));
    const going = groups.filter((group) => !left.includes(group));
    const limits = await readPassedLimits(tx, ctx, going);
    const [first] = limits;
    const mails = sum(going, 'mails');
    return {
      mails,
      recipients: sum(going, 'recipients'),
      byReason: byReason(going),
      asOf: scope.asOf ?? '',
      limits,
      usedToday: first?.used ?? null,
      limit: first?.limit ?? null,
      passedBy: first?.passedBy ?? 0,
      percent: first?.percent ?? 0,
      overRecipients: overRecipients(going),
      quotaHeld: sum(left, 'mails'),
      waiting: await readWaiting(tx, open, going),
      minutesAtPace: pace === null ? null : Math.ceil(mails / pace),
    };
  });
}

/** Mails of one project that one reason holds. */
interface Group {
  readonly projectId: string;
  readonly protocol: string | null;
  readonly reason: HoldReason;
  readonly mails: number;
  readonly recipients: number;
  /** Those that a limit of the day would count: not yet started. */
  readonly countable: number;
  readonly large: number;
  readonly largest: number;
  readonly recipientsLimit: number | null;
}

async function countGroups(
  tx: Transaction,
  scope: SelectionScope,
  selection: z.output<typeof heldSelection>,
): Promise<readonly Group[]> {
  const values = new SqlValues();
  const selected = selectedHeld(values, scope, selection);
  const { rows } = await tx.query<Omit<Group, 'reason'> & { reason: string }>(
    `with chosen as (
       select h.project_id, h.reason, h.recipient_count as recipients, count(*) as mails,
         count(*) filter (where h.counted_at is null) as countable
       from ${selected} group by 1, 2, 3
     )
     select c.project_id as "projectId", p.protocol, c.reason, sum(c.mails)::float8 as mails,
       sum(c.mails * c.recipients)::float8 as recipients, sum(c.countable)::float8 as countable,
       coalesce(sum(c.mails) filter (where c.recipients > l.recipients_per_mail), 0)::float8 as large,
       max(c.recipients) as largest, min(l.recipients_per_mail) as "recipientsLimit"
     from chosen c join mailroom.projects p on p.id = c.project_id
     left join lateral (
       select min(s.recipients_per_mail) as recipients_per_mail from mailroom.limit_scopes s
       where s.organization_id = p.organization_id and (s.project_id = p.id or s.protocol = p.protocol)
     ) l on true
     group by 1, 2, 3`,
    values.list,
  );
  return rows.flatMap(({ reason, ...row }) => (isHoldReason(reason) ? [{ ...row, reason }] : []));
}

interface ScopeRow {
  readonly id: string;
  readonly project_id: string | null;
  readonly protocol: string | null;
  readonly mails_per_day: number;
  readonly used: number;
}

async function readPassedLimits(
  tx: Transaction,
  ctx: Context,
  groups: readonly Group[],
): Promise<readonly PassedLimit[]> {
  const { rows } = await tx.query<ScopeRow>(
    `select s.id, s.project_id, s.protocol, s.mails_per_day, u.mails as used
     from mailroom.limit_window($1) w
     join mailroom.limit_scopes s on s.organization_id = $1 and s.mails_per_day is not null
     cross join lateral mailroom.limit_used(s.id, w.starts_at, w.ends_at) u
     order by s.project_id nulls first, s.protocol`,
    [ctx.organizationId],
  );
  const limits = rows.flatMap((row): PassedLimit[] => {
    const counted = groups.filter(({ projectId, protocol }) =>
      row.project_id === null ? row.protocol === protocol : row.project_id === projectId,
    );
    if (counted.length === 0) return [];
    const mails = sum(counted, 'countable');
    const passedBy = Math.max(0, row.used + mails - row.mails_per_day);
    return [
      {
        scope: row.protocol ?? `project:${row.project_id}`,
        limit: row.mails_per_day,
        used: row.used,
        mails,
        passedBy,
        percent: Math.round((passedBy / row.mails_per_day) * 1_000) / 10,
      },
    ];
  });
  return limits.toSorted((one, other) => other.passedBy - one.passedBy);
}

function overRecipients(groups: readonly Group[]): ResumePreview['overRecipients'] {
  const over = groups.filter(({ large }) => large > 0);
  if (over.length === 0) return null;
  return {
    mails: sum(over, 'large'),
    largest: Math.max(...over.map(({ largest }) => largest)),
    limit: Math.min(...over.map(({ recipientsLimit }) => recipientsLimit ?? Infinity)),
  };
}

async function readWaiting(
  tx: Transaction,
  projects: readonly ProjectRow[],
  groups: readonly Group[],
): Promise<ResumePreview['waiting']> {
  const concerned = projects.filter(({ id }) => groups.some(({ projectId }) => projectId === id));
  if (concerned.length === 0) return [];
  const rows = await tx.orm
    .select()
    .from(lanes)
    .where(
      inArray(
        lanes.id,
        concerned.map(({ laneId }) => laneId),
      ),
    );
  const byId = new Map(rows.map((lane) => [lane.id, lane]));
  const now = await readNow(tx);
  return concerned.flatMap((project) => {
    const lane = byId.get(project.laneId) ?? { stoppedAt: null, waitUntil: null };
    const waits = waitingReason({ project, lane, sendAt: null, now });
    const reason = project.archivedAt === null ? waits : 'archived';
    if (reason === null || reason === 'send_at') return [];
    const { id, slug, name } = project;
    const own = groups.filter(({ projectId }) => projectId === id);
    return [{ project: { id, slug, name }, mails: sum(own, 'mails'), reason }];
  });
}

function byReason(groups: readonly Group[]): ResumePreview['byReason'] {
  const of = (wanted: HoldReason): number =>
    sum(
      groups.filter(({ reason }) => reason === wanted),
      'mails',
    );
  return {
    day_limit: of('day_limit'),
    quota: of('quota'),
    recipients_limit: of('recipients_limit'),
    flood: of('flood'),
    by_hand: of('by_hand'),
  };
}

function sum(groups: readonly Group[], field: 'mails' | 'recipients' | 'countable' | 'large'): number {
  return groups.reduce((total, group) => total + group[field], 0);
}
