import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { loadCurrentDocument } from './load-settings.ts';
import type { SettingsWarning } from './warning.ts';

const sharersInput = z.strictObject({ project: z.string() });

export interface ThrottleSharers {
  /** Those that the reader may see. */
  readonly projects: readonly { readonly slug: string; readonly name: string }[];
  /** How many more there are. */
  readonly others: number;
}

/**
 * The other projects whose saved settings take turns with this one's at Microsoft: the same cloud, client ID and
 * mailbox, or the same client ID where that alone is counted (PRODUCT 2.13). None where it does not send by Graph.
 */
export function findThrottleSharers(
  ctx: Context,
  input: z.input<typeof sharersInput>,
): Promise<ThrottleSharers> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, parseInput(sharersInput, input).project);
    requirePermission(ctx, 'settings.read', project.id);
    const document = await loadCurrentDocument(tx, project);
    if (document?.connection.kind !== 'graph') return { projects: [], others: 0 };
    const { endpoint, mailbox, authentication, requestsCountedBy } = document.connection;
    const { rows } = await tx.query<{ id: string; slug: string; name: string }>(
      `select p.id, p.slug, p.name from mailroom.projects p
       join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
       where p.organization_id = $1 and p.id <> $2 and p.archived_at is null
         and v.document #>> '{connection,kind}' = 'graph'
         and lower(v.document #>> '{connection,endpoint}') = lower($3)
         and lower(v.document #>> '{connection,authentication,clientId}') = lower($4)
         and ($6 or v.document #>> '{connection,requestsCountedBy}' = 'client'
           or lower(v.document #>> '{connection,mailbox}') = lower($5))
       order by p.name`,
      [
        ctx.organizationId,
        project.id,
        endpoint,
        authentication.clientId,
        mailbox,
        requestsCountedBy === 'client',
      ],
    );
    const seen = rows.filter(({ id }) => can(ctx.actor, 'project.read', id));
    return {
      projects: seen.map(({ slug, name }) => ({ slug, name })),
      others: rows.length - seen.length,
    };
  });
}

/** The sentence of it; null where nobody shares. */
export function throttleWarning({ projects, others }: ThrottleSharers): SettingsWarning | null {
  const hidden = others === 0 ? [] : [others === 1 ? 'another project' : `${others} other projects`];
  const names = [...projects.map(({ name }) => name), ...hidden];
  if (names.length === 0) return null;
  return {
    code: 'throttle_shared',
    field: 'connection.authentication.clientId',
    text: `Microsoft counts the requests of this client ID and mailbox together with those of ${names.join(', ')}: four at a time for all of them.`,
    wayOut:
      'Register a second client ID for one of them, also where another product fetches mail of this mailbox with it.',
  };
}
