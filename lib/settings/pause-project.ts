import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { projects } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context } from '../context.ts';

export type PauseReason = NonNullable<ProjectRow['pauseReason']>;

/** Pauses the project's sending inside another change; a pause that stands already keeps its time and name. */
export async function pauseProject(
  tx: Transaction,
  ctx: Context,
  project: ProjectRow,
  reason: PauseReason,
): Promise<void> {
  if (project.pausedAt !== null) return;
  await tx.orm
    .update(projects)
    .set({ pausedAt: sql`mailroom.now()`, pausedBy: actorLabel(ctx.actor), pauseReason: reason })
    .where(eq(projects.id, project.id));
  await recordAudit(tx, ctx, {
    action: 'sending.paused',
    projectId: project.id,
    object: { kind: 'project', id: project.id, label: project.name },
    detail: { reason },
  });
}
