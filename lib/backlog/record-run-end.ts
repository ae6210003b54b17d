import type { Transaction } from '#db/client.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Services, systemContext } from '../context.ts';
import type { RunningRun } from './bulk-run-row.ts';

/** What a run has come to. */
export interface RunEnd {
  readonly done: number;
  readonly skipped: number;
}

/**
 * A run that went on in the background has ended: its first entry in the history could only say how many were chosen,
 * this one says what was done. In the transaction of its last chunk.
 */
export function recordRunEnd(
  tx: Transaction,
  services: Services,
  run: RunningRun,
  { done, skipped }: RunEnd,
): Promise<void> {
  return recordAudit(tx, systemContext(services, run), {
    action: 'backlog.run_finished',
    projectId: run.projectId,
    object: { kind: 'bulk_run', id: run.id, label: null },
    detail: { kind: run.kind, mails: done, skipped, startedBy: run.actorLabel, undoOf: run.undoOf },
  });
}
