import { withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import { loadProject } from './load-project.ts';
import { permissions } from './roles.ts';

const shownAtMost = 3;

/** Addresses of people who may change the settings of the project, for those who may not: the first three. */
export function listSettingsWriters(ctx: Context, { project }: { project: string }): Promise<string[]> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { id } = await loadProject(tx, ctx, project);
    const { rows } = await tx.query<{ email: string }>(
      `select u.email from mailroom.memberships m join mailroom.users u on u.id = m.user_id
       where m.organization_id = $1 and m.role = any ($2) and u.disabled_at is null
         and (m.project_ids is null or $3 = any (m.project_ids))
       order by m.role = 'owner' desc, u.email limit ${shownAtMost}`,
      [ctx.organizationId, permissions['settings.write'].roles, id],
    );
    return rows.map(({ email }) => email);
  });
}
