import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { mailSettingsVersions } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { presentVersion, type SettingsVersion } from './present-version.ts';

const listInput = z.strictObject({
  project: z.string(),
  /** Only versions before this one: the last of the page before. */
  before: z.int().min(1).optional(),
  limit: z.int().min(1).max(200).default(50),
  /** Only versions that changed this field. */
  field: z.string().max(100).optional(),
  /** Only versions by this actor, as the history names it. */
  by: z.string().max(320).optional(),
});

export interface SettingsVersions {
  readonly versions: readonly SettingsVersion[];
  /** For the next page as `before`; null on the last. */
  readonly next: number | null;
}

/** Every change of the project's settings, newest first. */
export function listSettingsVersions(
  ctx: Context,
  input: z.input<typeof listInput>,
): Promise<SettingsVersions> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(listInput, input);
    const project = await loadProject(tx, ctx, given.project);
    requirePermission(ctx, 'settings.read', project.id);
    const table = mailSettingsVersions;
    const rows = await tx.orm
      .select()
      .from(table)
      .where(
        and(
          eq(table.organizationId, ctx.organizationId),
          eq(table.projectId, project.id),
          given.before === undefined ? undefined : lt(table.version, given.before),
          given.by === undefined ? undefined : eq(table.actorLabel, given.by),
          given.field === undefined
            ? undefined
            : sql`${table.changes} @> ${JSON.stringify([{ field: given.field }])}::jsonb`,
        ),
      )
      .orderBy(desc(table.version))
      .limit(given.limit + 1);
    const versions = rows.slice(0, given.limit).map((row) => presentVersion(row, project.settingsVersion));
    return { versions, next: rows.length > given.limit ? (versions.at(-1)?.version ?? null) : null };
  });
}
