import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { type Context, tenantScope } from '../context.ts';
import { poolPresetOf } from './presets.ts';

/** Projects that send through the same account, and so share what its provider grants, without a pool to share it by. */
export interface PoolSuggestion {
  readonly host: string;
  /** User name, or the mailbox where the protocol has one. */
  readonly account: string;
  readonly preset: string;
  /** The pool that some of them draw from already; null: there is none. */
  readonly pool: { readonly id: string; readonly name: string } | null;
  /** Those that draw from no pool, and that the reader may see. */
  readonly projects: readonly { readonly id: string; readonly slug: string; readonly name: string }[];
}

const suggestionRow = z.object({
  host: z.string(),
  account: z.string(),
  pool_id: z.string().nullable(),
  pool_name: z.string().nullable(),
  projects: z.array(z.object({ id: z.string(), slug: z.string(), name: z.string() })),
});

/** Where a pool is missing: two projects at least with one server and user name, one of them without a pool. */
export function suggestPools(ctx: Context): Promise<readonly PoolSuggestion[]> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    requirePermission(ctx, 'organization.read', null);
    const { rows } = await tx.query(statement, [ctx.organizationId]);
    return rows.flatMap((each) => {
      const row = suggestionRow.parse(each);
      const projects = row.projects.filter(({ id }) => can(ctx.actor, 'project.read', id));
      if (projects.length === 0) return [];
      const pool = row.pool_id === null ? null : { id: row.pool_id, name: row.pool_name ?? '' };
      return [{ host: row.host, account: row.account, preset: poolPresetOf(row.host), pool, projects }];
    });
  });
}

// The host of SMTP, or of the address that EWS and Graph connect to; whoever signs in there, or the mailbox sent from.
const statement = `
with account as (
  select p.id, p.slug, p.name, p.pool_id,
    lower(coalesce(c ->> 'host', substring(coalesce(c ->> 'connectUrl', c ->> 'endpoint') from '^https?://([^/:]+)'))) as host,
    lower(coalesce(c ->> 'mailbox', c -> 'authentication' ->> 'userName', c -> 'authentication' ->> 'mailbox')) as account
  from mailroom.projects p
  join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
  cross join lateral (select v.document -> 'connection' as c) d
  where p.organization_id = $1 and p.archived_at is null
), pooled as (
  select a.*, po.name as pool_name from account a left join mailroom.pools po on po.id = a.pool_id
  where a.host is not null and a.account <> ''
)
select host, account, max(pool_id::text) as pool_id, max(pool_name) as pool_name,
  json_agg(json_build_object('id', id, 'slug', slug, 'name', name) order by name) filter (where pool_id is null) as projects
from pooled group by host, account
having count(*) > 1 and count(*) filter (where pool_id is null) > 0 and count(distinct pool_id) < 2
order by host, account`;
