import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { loadCurrentDocument } from './load-settings.ts';
import { type CountedConnection, type ThrottleKeys, throttleKeys } from './throttle-keys.ts';
import type { SettingsWarning } from './warning.ts';

const sharersInput = z.strictObject({
  project: z.string(),
  /** As it stands in a form; without it, as it was saved. */
  connection: z
    .strictObject({
      endpoint: z.string().max(2000),
      mailbox: z.string().max(320),
      authentication: z.strictObject({ clientId: z.string().max(400) }),
      requestsCountedBy: z.enum(['client_and_mailbox', 'client']),
    })
    .optional(),
});

export interface ThrottleSharers {
  /** Those that the reader may see. */
  readonly projects: readonly { readonly slug: string; readonly name: string }[];
  /** Whether there are more, here or in another organization. */
  readonly hasOthers: boolean;
}

const nobody: ThrottleSharers = { projects: [], hasOthers: false };

/**
 * The other projects whose saved settings take turns with this one's at Microsoft: the same cloud, client ID and
 * mailbox, or the same client ID where that alone is counted (PRODUCT 2.13), in whichever organization. None where it
 * does not send by Graph, or what is typed is not yet whole.
 */
export function findThrottleSharers(
  ctx: Context,
  input: z.input<typeof sharersInput>,
): Promise<ThrottleSharers> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { project: reference, connection } = parseInput(sharersInput, input);
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.read', project.id);
    const counted = connection ?? (await savedConnection(tx, project));
    if (counted === null || !isWhole(counted)) return nobody;
    return findSharers(tx, ctx, project, throttleKeys(ctx.keyring, counted));
  });
}

async function savedConnection(tx: Transaction, project: ProjectRow): Promise<CountedConnection | null> {
  const document = await loadCurrentDocument(tx, project);
  return document?.connection.kind === 'graph' ? document.connection : null;
}

function isWhole({ endpoint, mailbox, authentication }: CountedConnection): boolean {
  return URL.canParse(endpoint) && mailbox.trim() !== '' && authentication.clientId.trim() !== '';
}

async function findSharers(
  tx: Transaction,
  ctx: Context,
  project: ProjectRow,
  { clientKey, mailboxKey, countsByClient }: ThrottleKeys,
): Promise<ThrottleSharers> {
  const keys = [clientKey, mailboxKey, countsByClient];
  const own = await tx.query<{ id: string; slug: string; name: string }>(
    `select p.id, p.slug, p.name from mailroom.throttles t
     join mailroom.projects p on p.id = t.project_id and p.settings_version = t.settings_version
     where t.organization_id = $4 and p.id <> $5 and p.archived_at is null
       and t.client_key = $1 and ($3 or t.counts_by_client or t.mailbox_key = $2)
     order by p.name`,
    [...keys, ctx.organizationId, project.id],
  );
  const elsewhere = await tx.query<{ shared: boolean }>(
    'select mailroom.is_throttle_shared_elsewhere($1, $2, $3) as shared',
    keys,
  );
  const seen = own.rows.filter(({ id }) => can(ctx.actor, 'project.read', id));
  return {
    projects: seen.map(({ slug, name }) => ({ slug, name })),
    hasOthers: own.rows.length > seen.length || elsewhere.rows[0]?.shared === true,
  };
}

/** The sentence of it; null where nobody shares. */
export function throttleWarning({ projects, hasOthers }: ThrottleSharers): SettingsWarning | null {
  const named = projects.slice(0, mostNames).map(({ name }) => name);
  const further = projects.length - named.length;
  const names = [
    ...named,
    ...(further > 0 ? [`${further} more`] : []),
    ...(hasOthers ? ['another project'] : []),
  ];
  if (names.length === 0) return null;
  return {
    code: 'throttle_shared',
    field: 'connection.authentication.clientId',
    text: `Microsoft counts this client ID and mailbox together with ${listFormat.format(names)}: four requests at a time for all.`,
    wayOut:
      'A second client ID gives each its own four, also where another product fetches mail with this one.',
  };
}

const mostNames = 3;
const listFormat = new Intl.ListFormat('en-GB');
