import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';

export interface AuditFacets {
  readonly actors: readonly string[];
  readonly actions: readonly string[];
}

// A filter offers what is near; older names can still be given in the address.
const looksBack = 5_000;

/** The names and actions of the latest entries, for the filters of a history page. */
export function listAuditFacets(ctx: Context, input: { project?: string }): Promise<AuditFacets> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = input.project === undefined ? null : await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'audit.read', project?.id ?? null);
    const { rows } = await tx.query<AuditFacets>(
      `select coalesce(array_agg(distinct actor_label), '{}') as actors,
         coalesce(array_agg(distinct action), '{}') as actions
       from (select actor_label, action from mailroom.audit_entries
         where organization_id = $1 and ($2::uuid is null or project_id = $2)
         order by id desc limit ${looksBack}) latest`,
      [ctx.organizationId, project?.id ?? null],
    );
    return rows[0] ?? { actors: [], actions: [] };
  });
}
