import type { Transaction } from '#db/client.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { type Moved, moveHeld } from './move-held.ts';
import type { SqlValues } from './sql-values.ts';

export interface SystemRelease {
  readonly project: { readonly id: string; readonly name: string };
  readonly action: 'backlog.auto_resumed' | 'backlog.fitting_resumed' | 'backlog.redecided';
  /** The cause, as histories keep it. */
  readonly why: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Lets held mails go without a person: into the queue, where every limit is met anew. One entry in the history. */
export async function releaseHeld(
  tx: Transaction,
  ctx: Context,
  release: SystemRelease,
  find: (values: SqlValues) => string,
): Promise<Moved> {
  const { project, action, why, facts } = release;
  const moved = await moveHeld(
    tx,
    { kind: 'resume', event: 'auto_resumed', overrides: 0, by: 'Mailroom', runId: null, detail: { why } },
    find,
  );
  if (moved.mails > 0) {
    await recordAudit(tx, ctx, {
      action,
      projectId: project.id,
      object: { kind: 'project', id: project.id, label: project.name },
      detail: { mails: moved.mails, why, ...facts },
    });
  }
  return moved;
}
