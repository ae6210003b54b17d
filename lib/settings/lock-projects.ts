import { inArray } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { projects } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';

/** The projects whose ids `query` selects; it locks their rows itself. */
export async function lockProjects(tx: Transaction, query: string): Promise<ProjectRow[]> {
  const { rows } = await tx.query<{ id: string }>(query);
  const ids = rows.map(({ id }) => id);
  return ids.length === 0 ? [] : tx.orm.select().from(projects).where(inArray(projects.id, ids));
}
