import type { Transaction } from '#db/client.ts';
import type { LimitNumbers } from './limits-view.ts';
import type { LimitScope } from './load-scope.ts';
import { isRaised } from './save-limit.ts';

export interface Releasable {
  /** Held by the day's limit, in projects that auto resume. */
  readonly byAutoResume: number;
  /** Held by the recipients limit, and fit now. */
  readonly byRecipients: number;
}

interface ProjectRow {
  readonly pending: number;
  /** What the other limit that this project meets leaves; null: it has none. */
  readonly otherLeft: number | null;
}

/** How many held mails a change of a scope's limits lets go at once; 0 for one that raises nothing. */
export async function countReleasable(
  tx: Transaction,
  organizationId: string,
  scope: LimitScope,
  wanted: Pick<LimitNumbers, 'mailsPerDay' | 'recipientsPerMail'>,
): Promise<Releasable> {
  return {
    byAutoResume: isRaised(scope.mailsPerDay, wanted.mailsPerDay)
      ? await countByDay(tx, organizationId, scope, wanted.mailsPerDay)
      : 0,
    byRecipients: isRaised(scope.recipientsPerMail, wanted.recipientsPerMail)
      ? await countByRecipients(tx, organizationId, scope, wanted.recipientsPerMail)
      : 0,
  };
}

const inScope = `p.organization_id = $1 and p.archived_at is null
  and ($3::uuid is null or p.id = $3) and ($4::text is null or p.protocol = $4)`;

async function countByDay(
  tx: Transaction,
  organizationId: string,
  scope: LimitScope,
  limit: number | null,
): Promise<number> {
  const { rows } = await tx.query<ProjectRow>(
    `select h.pending, o.left as "otherLeft"
     from mailroom.projects p
     join mailroom.limit_policies d on d.organization_id = p.organization_id
     cross join lateral (
       select coalesce(sum(c.mails), 0)::int as pending from mailroom.held_counts c
       where c.project_id = p.id and c.state = 'backlog' and c.reason = 'day_limit'
     ) h
     left join lateral (
       select greatest(s.mails_per_day - u.mails - greatest(s.high_reserve - u.high_mails, 0), 0)::int as left
       from mailroom.limit_scopes_of(p.id) s cross join mailroom.limit_window($1) w
       cross join lateral mailroom.limit_used(s.id, w.starts_at, w.ends_at) u
       where s.id <> $2 and s.mails_per_day is not null
     ) o on true
     where ${inScope} and coalesce(p.auto_resume, d.auto_resume) and h.pending > 0`,
    [organizationId, scope.id, scope.projectId, scope.protocol],
  );
  const pending = rows.reduce((total, row) => total + Math.min(row.pending, row.otherLeft ?? Infinity), 0);
  return limit === null ? pending : Math.min(pending, await leftOf(tx, organizationId, scope, limit));
}

async function leftOf(
  tx: Transaction,
  organizationId: string,
  { id, highReserve }: LimitScope,
  limit: number,
): Promise<number> {
  const { rows } = await tx.query<{ mails: number; high_mails: number }>(
    `select u.* from mailroom.limit_window($1) w
     cross join lateral mailroom.limit_used($2, w.starts_at, w.ends_at) u`,
    [organizationId, id],
  );
  const used = rows[0] ?? { mails: 0, high_mails: 0 };
  return Math.max(0, limit - used.mails - Math.max(0, highReserve - used.high_mails));
}

async function countByRecipients(
  tx: Transaction,
  organizationId: string,
  scope: LimitScope,
  limit: number | null,
): Promise<number> {
  const { rows } = await tx.query<{ mails: number }>(
    `select count(*)::int as mails
     from mailroom.projects p
     cross join lateral (
       select min(s.recipients_per_mail) as other from mailroom.limit_scopes_of(p.id) s where s.id <> $2
     ) o
     join mailroom.held_messages h on h.project_id = p.id and h.state = 'backlog' and h.reason = 'recipients_limit'
     where ${inScope} and h.recipient_count <= coalesce(least(o.other, $5::int), h.recipient_count)`,
    [organizationId, scope.id, scope.projectId, scope.protocol, limit],
  );
  return rows[0]?.mails ?? 0;
}
