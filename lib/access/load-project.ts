import { and, eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { projects } from '#db/schema/projects.ts';
import type { Context } from '../context.ts';
import { DomainError } from '../errors.ts';
import { isId } from '../ids.ts';
import { can } from './can.ts';

export type ProjectRow = typeof projects.$inferSelect;

const slugForm = /^[a-z0-9-]{1,64}$/i;

/**
 * The project of this tenant by id or slug. `not_found` also where the actor may not read it, so that nobody learns
 * which projects exist.
 */
export async function loadProject(tx: Transaction, ctx: Context, reference: string): Promise<ProjectRow> {
  const wanted = isId(reference) ? eq(projects.id, reference) : eq(projects.slug, reference);
  // What no slug can be is not asked for: Postgres takes no NUL.
  const [project] = slugForm.test(reference)
    ? await tx.orm
        .select()
        .from(projects)
        .where(and(eq(projects.organizationId, ctx.organizationId), wanted))
    : [];
  if (project === undefined || !can(ctx.actor, 'project.read', project.id)) {
    throw new DomainError('not_found', 'There is no such project.');
  }
  return project;
}
