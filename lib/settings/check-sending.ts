import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Transaction } from '#db/client.ts';
import { lanes } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { DomainError } from '../errors.ts';

/** What a person chose in the dialog that asks to pause first (PRODUCT 2.12). */
export const whileSending = z.enum(['pause_and_save', 'save_only']).optional();
export type WhileSending = z.infer<typeof whileSending>;

/** Counting stops here: past it the dialog says "more than 10,000". */
export const countedAtMost = 10_000;

/**
 * Throws `sending_active` with `data.sending` and `data.waiting` (counted up to 10,001) when mail of the project is on
 * its way and nobody has chosen what to do about that. A paused or stopped project sends nothing, so it asks nothing.
 */
export async function checkSending(
  tx: Transaction,
  project: ProjectRow,
  choice: WhileSending,
): Promise<void> {
  if (choice !== undefined || project.pausedAt !== null || project.settingsVersion === null) return;
  const [lane] = await tx.orm
    .select({ stoppedAt: lanes.stoppedAt })
    .from(lanes)
    .where(eq(lanes.id, project.laneId));
  if (lane !== undefined && lane.stoppedAt !== null) return;
  const { rows } = await tx.query<{ sending: number; waiting: number }>(
    `select count(*) filter (where attempt_id is not null)::int as sending,
       count(*) filter (where attempt_id is null)::int as waiting
     from (select attempt_id from mailroom.queue_entries
       where organization_id = $1 and project_id = $2 and (due_at <= mailroom.now() or attempt_id is not null)
       limit ${countedAtMost + 1}) counted`,
    [project.organizationId, project.id],
  );
  const { sending, waiting } = rows[0] ?? { sending: 0, waiting: 0 };
  if (sending + waiting === 0) return;
  throw new DomainError('sending_active', 'Mail of this project is being sent. Pause sending first?', {
    data: { sending, waiting, countedAtMost },
  });
}
