import { eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { lanes } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import type { WaitingReason } from './labels.ts';
import { isoOrNull } from './present-message.ts';
import { waitingReason } from './waiting-reason.ts';

/** Why nothing of a project goes out just now. */
export interface ProjectWait {
  readonly reason: WaitingReason;
  /** An ISO instant where it ends by itself at a known time. */
  readonly until: string | null;
}

/** What mail of the project waits for, however urgent it is; null: nothing. */
export async function readProjectWait(tx: Transaction, project: ProjectRow): Promise<ProjectWait | null> {
  const [lane] = await tx.orm.select().from(lanes).where(eq(lanes.id, project.laneId));
  const { rows } = await tx.query<{ now: Date }>('select mailroom.now() as now');
  const reason = waitingReason({
    project,
    lane: lane ?? { stoppedAt: null, waitUntil: null },
    sendAt: null,
    now: rows[0]?.now ?? new Date(),
  });
  if (reason === null) return null;
  return { reason, until: reason === 'waiting' ? isoOrNull(lane?.waitUntil ?? null) : null };
}
