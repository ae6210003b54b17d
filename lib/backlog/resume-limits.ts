import type { Transaction } from '#db/client.ts';
import type { Context } from '../context.ts';
import { type HoldReason, isHoldReason } from '../policy/hold-reasons.ts';
import type { HeldSelection } from './schemas.ts';
import { selectedHeld, type SelectionScope } from './select-held.ts';
import { spentQuotas } from './spent-quotas.ts';
import { SqlValues } from './sql-values.ts';
import type { PassedLimit, ResumePreview } from './views.ts';

/** Mails of one project that one reason holds. */
export interface Group {
  readonly projectId: string;
  readonly protocol: string | null;
  readonly reason: HoldReason;
  readonly mails: number;
  readonly recipients: number;
  /** Those that a limit of the day would count: not yet started. */
  readonly countable: number;
  /** Of these, those of high priority. */
  readonly high: number;
  readonly large: number;
  readonly largest: number;
  readonly recipientsLimit: number | null;
}

/** The mails of a selection that a resume lets go, and those that a spent quota keeps. */
export async function countGroups(
  tx: Transaction,
  scope: SelectionScope,
  selection: HeldSelection,
): Promise<{ readonly going: readonly Group[]; readonly left: readonly Group[] }> {
  const spent = new Set(await spentQuotas(tx, scope.projectIds));
  const values = new SqlValues();
  const selected = selectedHeld(values, scope, selection);
  const { rows } = await tx.query<Omit<Group, 'reason'> & { reason: string }>(
    `with chosen as (
       select h.project_id, h.reason, h.recipient_count as recipients, count(*) as mails,
         count(*) filter (where h.counted_at is null) as countable,
         count(*) filter (where h.counted_at is null and h.priority = 0) as high
       from ${selected} group by 1, 2, 3
     )
     select c.project_id as "projectId", p.protocol, c.reason, sum(c.mails)::float8 as mails,
       sum(c.mails * c.recipients)::float8 as recipients, sum(c.countable)::float8 as countable,
       sum(c.high)::float8 as high,
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
  const groups = rows.flatMap(({ reason, ...row }) => (isHoldReason(reason) ? [{ ...row, reason }] : []));
  const left = groups.filter(({ reason, projectId }) => reason === 'quota' && spent.has(projectId));
  return { going: groups.filter((group) => !left.includes(group)), left };
}

interface ScopeRow {
  readonly id: string;
  readonly project_id: string | null;
  readonly protocol: string | null;
  readonly mails_per_day: number;
  readonly used: number;
  /** What is left of the part that only high priority may use. */
  readonly reserved: number;
}

/** Each limit of the day that these mails would count in, the one that is passed furthest first. */
export async function readPassedLimits(
  tx: Transaction,
  ctx: Context,
  groups: readonly Group[],
): Promise<readonly PassedLimit[]> {
  const { rows } = await tx.query<ScopeRow>(
    `select s.id, s.project_id, s.protocol, s.mails_per_day, u.mails as used,
       greatest(s.high_reserve - u.high_mails, 0) as reserved
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
    const mails = sumOf(counted, 'countable');
    const high = sumOf(counted, 'high');
    const passedBy = Math.max(0, row.used + mails - row.mails_per_day);
    return [
      {
        scope: row.protocol ?? `project:${row.project_id}`,
        limit: row.mails_per_day,
        used: row.used,
        mails,
        passedBy,
        heldAgain: heldAgain(row, { high, normal: mails - high }),
        percent: Math.round((passedBy / row.mails_per_day) * 1_000) / 10,
      },
    ];
  });
  return limits.toSorted((one, other) => other.passedBy - one.passedBy);
}

// High priority goes first; other mail may not use what is set aside for it.
function heldAgain(
  { mails_per_day, used, reserved }: ScopeRow,
  { high, normal }: { readonly high: number; readonly normal: number },
): number {
  const left = Math.max(0, mails_per_day - used);
  const highGoes = Math.min(high, left);
  const normalLeft = Math.min(left - highGoes, left - reserved);
  return high - highGoes + Math.max(0, normal - Math.max(0, normalLeft));
}

/** Those that have more recipients than a mail may; null where none has. */
export function overRecipients(groups: readonly Group[]): ResumePreview['overRecipients'] {
  const over = groups.filter(({ large }) => large > 0);
  if (over.length === 0) return null;
  return {
    mails: sumOf(over, 'large'),
    largest: Math.max(...over.map(({ largest }) => largest)),
    limit: Math.min(...over.map(({ recipientsLimit }) => recipientsLimit ?? Infinity)),
  };
}

/** The sum of a figure over groups. */
export function sumOf(
  groups: readonly Group[],
  field: 'mails' | 'recipients' | 'countable' | 'high' | 'large',
): number {
  return groups.reduce((total, group) => total + group[field], 0);
}
