import { and, asc, desc, eq, gt, gte, like, lt, lte, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { auditEntries } from '#db/schema/audit.ts';
import { projects } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { wordsOf } from './action-words.ts';

const listInput = z.strictObject({
  /** Id or short name; without it, the whole organization. */
  project: z.string().optional(),
  /** The actor as the history names it. */
  by: z
    .string()
    .max(400)
    .regex(/^\P{Cc}*$/u, 'A name has no control characters.')
    .optional(),
  /** A whole action ("key.created") or the noun before its dot ("key"). */
  action: z
    .string()
    .regex(/^[a-z_]+(?:\.[a-z_]+)?$/, 'An action is named like key.created, or key.')
    .optional(),
  since: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
  /** Older than this entry, or newer: an id of the page at hand. */
  before: z.uuid().optional(),
  after: z.uuid().optional(),
  limit: z.int().min(1).max(200).default(50),
});
export type ListAuditEntries = z.input<typeof listInput>;

export interface AuditEntryView {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly byKind: 'user' | 'key' | 'operator' | 'system';
  readonly sourceIp: string | null;
  readonly userAgent: string | null;
  readonly action: string;
  /** What was done, as it reads after the actor's name. */
  readonly words: string;
  readonly object: { readonly kind: string; readonly id: string | null; readonly label: string | null };
  readonly project: { readonly id: string; readonly slug: string; readonly name: string } | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditEntries {
  /** Newest first. */
  readonly entries: readonly AuditEntryView[];
  /** For `before` and `after` of the neighbouring pages; null where there is none. */
  readonly older: string | null;
  readonly newer: string | null;
}

/** Who did what to what, when and from where, in one project or the whole organization. */
export function listAuditEntries(ctx: Context, input: ListAuditEntries): Promise<AuditEntries> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(listInput, input);
    const project = given.project === undefined ? null : await loadProject(tx, ctx, given.project);
    requirePermission(ctx, 'audit.read', project?.id ?? null);
    const goesUp = given.after !== undefined;
    const rows = await selectEntries(
      tx,
      [
        eq(auditEntries.organizationId, ctx.organizationId),
        ...(project === null ? [] : [eq(auditEntries.projectId, project.id)]),
        ...filtersOf(given),
      ],
      { goesUp, limit: given.limit + 1 },
    );
    const page = rows.slice(0, given.limit);
    const entries = goesUp ? page.toReversed() : page;
    const hasMore = rows.length > given.limit;
    const first = entries.at(0)?.id ?? null;
    const last = entries.at(-1)?.id ?? null;
    return goesUp
      ? { entries, older: last, newer: hasMore ? first : null }
      : { entries, older: hasMore ? last : null, newer: given.before === undefined ? null : first };
  });
}

function filtersOf(given: z.output<typeof listInput>): SQL[] {
  const { by, action, since, until, before, after } = given;
  const filters: SQL[] = [];
  if (by !== undefined) filters.push(eq(auditEntries.actorLabel, by));
  if (action !== undefined) {
    // The pattern above lets no wildcard but the underscore through, which only widens within a noun.
    filters.push(
      action.includes('.') ? eq(auditEntries.action, action) : like(auditEntries.action, `${action}.%`),
    );
  }
  if (since !== undefined) filters.push(gte(auditEntries.at, since));
  if (until !== undefined) filters.push(lte(auditEntries.at, until));
  if (before !== undefined) filters.push(lt(auditEntries.id, before));
  if (after !== undefined) filters.push(gt(auditEntries.id, after));
  return filters;
}

async function selectEntries(
  tx: Transaction,
  filters: readonly SQL[],
  { goesUp, limit }: { goesUp: boolean; limit: number },
): Promise<AuditEntryView[]> {
  const rows = await tx.orm
    .select({ entry: auditEntries, slug: projects.slug, name: projects.name })
    .from(auditEntries)
    .leftJoin(projects, eq(projects.id, auditEntries.projectId))
    .where(and(...filters))
    .orderBy(goesUp ? asc(auditEntries.id) : desc(auditEntries.id))
    .limit(limit);
  return rows.map(({ entry, slug, name }) => ({
    id: entry.id,
    at: entry.at.toISOString(),
    by: entry.actorLabel,
    byKind: entry.actorKind,
    sourceIp: entry.sourceIp,
    userAgent: entry.userAgent,
    action: entry.action,
    words: wordsOf(entry.action),
    object: { kind: entry.objectKind, id: entry.objectId, label: entry.objectLabel },
    project:
      entry.projectId === null || slug === null || name === null ? null : { id: entry.projectId, slug, name },
    detail: z.record(z.string(), z.unknown()).parse(entry.detail),
  }));
}
