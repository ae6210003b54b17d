import { type Transaction, withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import type { ProjectLimits, RecipientsPolicy } from './limits-view.ts';
import { loadWindow } from './load-window.ts';
import type { Protocol } from './limit-scope.ts';

/** The limits that a project's mail meets, their use in the running window and when it ends. */
export function readProjectLimits(ctx: Context, input: { readonly project: string }): Promise<ProjectLimits> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'limits.read', project.id);
    return loadProjectLimits(tx, project);
  });
}

interface ScopeRow {
  readonly isProject: boolean;
  readonly protocol: Protocol | null;
  readonly mailsPerDay: number | null;
  readonly recipientsPerMail: number | null;
  readonly highReserve: number;
  readonly used: number;
  readonly highUsed: number;
}

/** As `readProjectLimits`, in a transaction that is open. The caller has asked for permission. */
export async function loadProjectLimits(
  tx: Transaction,
  project: { readonly id: string; readonly organizationId: string },
): Promise<ProjectLimits> {
  const window = await loadWindow(tx, project.organizationId);
  const { rows: scopes } = await tx.query<ScopeRow>(
    `select s.project_id is not null as "isProject", s.protocol, s.mails_per_day as "mailsPerDay",
       s.recipients_per_mail as "recipientsPerMail", s.high_reserve as "highReserve", u.mails as used,
       u.high_mails as "highUsed"
     from mailroom.limit_scopes_of($1) s cross join lateral mailroom.limit_used(s.id, $2, $3) u
     order by s.project_id nulls first`,
    [project.id, window.startsAt, window.endsAt],
  );
  const { rows } = await tx.query<{ policy: RecipientsPolicy; held: number }>(
    `select p.recipients_policy as policy, coalesce((
       select sum(c.mails) from mailroom.held_counts c
       where c.project_id = $2 and c.state = 'backlog' and c.reason = 'day_limit'), 0)::int as held
     from mailroom.limit_policies p where p.organization_id = $1`,
    [project.organizationId, project.id],
  );
  const [policy] = rows;
  if (policy === undefined) throw new DomainError('not_found', 'There is no such organization.');
  const day = tightest(scopes);
  return {
    limit: day?.mailsPerDay ?? null,
    used: day?.used ?? ownUse(scopes),
    left: day === null ? null : Math.max(0, day.left),
    resetsAt: window.endsAt,
    reservedForHigh: Math.max(0, ...scopes.map((scope) => reservedLeft(scope))),
    recipientsPerMail: lowest(scopes.map(({ recipientsPerMail }) => recipientsPerMail)),
    recipientsPolicy: policy.policy,
    window,
    heldNow: policy.held,
    limits: scopes.map(({ isProject, protocol, mailsPerDay, recipientsPerMail, used }) => ({
      over: isProject ? 'project' : 'protocol',
      protocol,
      mailsPerDay,
      recipientsPerMail,
      used,
    })),
  };
}

// The limit with the least left is the one that the next mail meets.
function tightest(scopes: readonly ScopeRow[]): { mailsPerDay: number; used: number; left: number } | null {
  const limited = scopes.flatMap(({ mailsPerDay, used }) =>
    mailsPerDay === null ? [] : [{ mailsPerDay, used, left: mailsPerDay - used }],
  );
  return limited.toSorted((a, b) => a.left - b.left)[0] ?? null;
}

function ownUse(scopes: readonly ScopeRow[]): number {
  return scopes.find(({ isProject }) => isProject)?.used ?? 0;
}

function reservedLeft({ mailsPerDay, highReserve, highUsed }: ScopeRow): number {
  return mailsPerDay === null ? 0 : highReserve - highUsed;
}

function lowest(numbers: readonly (number | null)[]): number | null {
  const given = numbers.filter((number) => number !== null);
  return given.length === 0 ? null : Math.min(...given);
}
