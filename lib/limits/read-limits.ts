import { type Transaction, withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { limitKeys, type Protocol, protocolLabels, protocols } from './limit-scope.ts';
import type { LimitPolicy, LimitScopeView, LimitsView, LimitWindow } from './limits-view.ts';
import { expectLaterMails } from './expect-later-mails.ts';
import { loadNextWindow, loadWindow } from './load-window.ts';

/**
 * The limits with their use in the running window: of the organization its protocols' and those of projects that have
 * their own, or of one project what its mail meets.
 */
export function readLimits(ctx: Context, input: { readonly project?: string }): Promise<LimitsView> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = input.project === undefined ? null : await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'limits.read', project?.id ?? null);
    const window = await loadWindow(tx, ctx.organizationId);
    const rows = await selectScopes(tx, ctx, project, window);
    const later = await expectLaterMails(
      tx,
      rows.map(({ id }) => id),
      window,
    );
    const { rows: clock } = await tx.query<{ now: Date }>('select mailroom.now() as now');
    return {
      now: (clock[0]?.now ?? ctx.clock.now()).toISOString(),
      window,
      nextWindow: await loadNextWindow(tx, ctx.organizationId),
      policy: await loadPolicy(tx, ctx.organizationId),
      scopes: rows.map((row) => presentScope(row, later.get(row.id) ?? null)).toSorted(inOrder),
      canWrite: can(ctx.actor, 'limits.write', project?.id ?? null),
    };
  });
}

export async function loadPolicy(tx: Transaction, organizationId: string): Promise<LimitPolicy> {
  const { rows } = await tx.query<LimitPolicy>(
    `select recipients_policy as "recipientsPolicy", auto_resume as "autoResume",
       auto_resume_threshold as "autoResumeThreshold"
     from mailroom.limit_policies where organization_id = $1`,
    [organizationId],
  );
  const [policy] = rows;
  if (policy === undefined) throw new DomainError('not_found', 'There is no such organization.');
  return policy;
}

interface ScopeRow {
  readonly id: string;
  readonly protocol: Protocol | null;
  readonly projectId: string | null;
  readonly slug: string | null;
  readonly name: string | null;
  readonly mailsPerDay: number | null;
  readonly recipientsPerMail: number | null;
  readonly highReserve: number;
  readonly used: number;
  readonly highUsed: number;
  readonly passed: number;
  readonly held: number;
  readonly largest: number;
  readonly heldByDay: number;
  readonly heldByRecipients: number;
}

async function selectScopes(
  tx: Transaction,
  ctx: Context,
  project: ProjectRow | null,
  window: LimitWindow,
): Promise<readonly ScopeRow[]> {
  const { rows } = await tx.query<ScopeRow>(
    `with held as materialized (
       select c.project_id, p.protocol, c.reason, sum(c.mails)::int as mails from mailroom.held_counts c
       join mailroom.projects p on p.id = c.project_id
       where c.organization_id = $1 and c.state = 'backlog' and c.reason in ('day_limit', 'recipients_limit')
       group by 1, 2, 3
     )
     select s.id, s.protocol, s.project_id as "projectId", p.slug, p.name, s.mails_per_day as "mailsPerDay",
       s.recipients_per_mail as "recipientsPerMail", s.high_reserve as "highReserve", u.*, h.*
     from mailroom.limit_scopes s
     left join mailroom.projects p on p.id = s.project_id
     cross join lateral (
       select coalesce(sum(u.mails), 0)::int as used, coalesce(sum(u.high_mails), 0)::int as "highUsed",
         coalesce(sum(u.passed), 0)::int as passed, coalesce(sum(u.held), 0)::int as held,
         coalesce(max(u.largest), 0) as largest
       from mailroom.limit_usage u
       where u.scope_id = s.id and u.minute >= $3 and ($4::timestamptz is null or u.minute < $4)
     ) u
     cross join lateral (
       select coalesce(sum(h.mails) filter (where h.reason = 'day_limit'), 0)::int as "heldByDay",
         coalesce(sum(h.mails) filter (where h.reason = 'recipients_limit'), 0)::int as "heldByRecipients"
       from held h where h.project_id = s.project_id or h.protocol = s.protocol
     ) h
     where s.organization_id = $1 and case when $2::uuid is null
       then s.protocol is not null or s.mails_per_day is not null or s.recipients_per_mail is not null
       else s.id in (select id from mailroom.limit_scopes_of($2)) end`,
    [ctx.organizationId, project?.id ?? null, window.startsAt, window.endsAt],
  );
  return rows;
}

function presentScope(row: ScopeRow, later: number | null): LimitScopeView {
  const { id, protocol, projectId, slug, name } = row;
  const keys = protocol === null ? null : limitKeys(protocol);
  const project = projectId === null || slug === null || name === null ? null : { id: projectId, slug, name };
  return {
    id: protocol ?? `project:${project?.id ?? id}`,
    protocol,
    project,
    label: protocol === null ? (project?.name ?? '') : protocolLabels[protocol],
    dayKey: keys?.day ?? null,
    recipientsKey: keys?.recipients ?? null,
    mailsPerDay: row.mailsPerDay,
    recipientsPerMail: row.recipientsPerMail,
    highReserve: row.highReserve,
    used: row.used,
    highUsed: row.highUsed,
    passedToday: row.passed,
    heldNow: { dayLimit: row.heldByDay, recipientsLimit: row.heldByRecipients },
    largestToday: row.largest,
    expectedByEnd: later === null ? null : row.used + row.held + later,
  };
}

// Protocols in the order of the settings, then projects by name.
function inOrder(one: LimitScopeView, other: LimitScopeView): number {
  return place(one) - place(other) || one.label.localeCompare(other.label);
}

function place({ protocol }: LimitScopeView): number {
  return protocol === null ? protocols.length : protocols.indexOf(protocol);
}
