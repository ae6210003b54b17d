import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { organizations } from '#db/schema/people.ts';
import { lanes, projects } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import { copyMailSettings } from '../settings/copy-mail-settings.ts';
import { name, slug, slugOf } from './slugs.ts';
import { isUniqueViolation } from './unique-violation.ts';

export const createProjectInput = z.strictObject({
  name: name('project'),
  /** How the project stands in addresses; made from the name when it is left out. */
  slug: slug.optional(),
});
export type CreateProject = z.input<typeof createProjectInput>;

export interface CreatedProject {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** The project whose mail settings it started with; null: it is not set up. */
  readonly copiedFrom: { readonly id: string; readonly name: string } | null;
}

/**
 * Makes a project with a lane of its own and a copy of the default project's mail settings (PRODUCT 2.1). Throws
 * `conflict` when the organization has a project of that short name.
 */
export async function createProject(ctx: Context, input: CreateProject): Promise<CreatedProject> {
  try {
    return await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
      requirePermission(ctx, 'project.create', null);
      const given = parseInput(createProjectInput, input);
      const project = await insertProject(tx, ctx, {
        name: given.name,
        slug: given.slug ?? slugOf(given.name, 'slug'),
      });
      await recordAudit(tx, ctx, {
        action: 'project.created',
        projectId: project.id,
        object: { kind: 'project', id: project.id, label: project.name },
        detail: { slug: project.slug },
      });
      const source = await defaultProject(tx, ctx.organizationId);
      const isCopied = source !== null && (await copyMailSettings(tx, ctx, { from: source, to: project }));
      const copiedFrom = isCopied ? { id: source.id, name: source.name } : null;
      return { id: project.id, slug: project.slug, name: project.name, copiedFrom };
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'projects_organization_id_slug_key')) throw error;
    throw new DomainError('conflict', 'The organization has a project of this short name.', {
      issues: [{ field: 'slug', message: 'Another project has this short name.' }],
    });
  }
}

async function insertProject(
  tx: Transaction,
  { organizationId }: Context,
  named: { name: string; slug: string },
): Promise<ProjectRow> {
  const laneId = newId();
  await tx.orm.insert(lanes).values({ id: laneId, organizationId });
  const [project] = await tx.orm
    .insert(projects)
    .values({ id: newId(), organizationId, laneId, ...named })
    .returning();
  if (project === undefined) throw new Error('the insert of a project returned no row');
  return project;
}

async function defaultProject(tx: Transaction, organizationId: string): Promise<ProjectRow | null> {
  const [row] = await tx.orm
    .select({ project: projects })
    .from(organizations)
    .innerJoin(projects, eq(projects.id, organizations.defaultProjectId))
    .where(eq(organizations.id, organizationId));
  return row?.project ?? null;
}
