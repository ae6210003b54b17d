import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { bulkRuns } from '#db/schema/backlog.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { isId } from '../ids.ts';
import { messageActions } from '../messages/message-actions.ts';
import { parseInput } from '../parse-input.ts';
import { type BulkRunRow, isMessageRun, presentRun, projectNames, storedSelection } from './bulk-run-row.ts';
import { readNow } from './read-now.ts';
import type { BulkRunView } from './views.ts';

export const runInput = z.strictObject({ run: z.string().max(64) });

/** Stops a run behind the chunk that it is at. What is done stays done; stopping one that has ended changes nothing. */
export function stopBulkRun(ctx: Context, given: z.input<typeof runInput>): Promise<BulkRunView> {
  const { run: id } = parseInput(runInput, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const run = await lockRun(tx, ctx, id);
    const ended = run.state === 'running' ? await endRun(tx, ctx, run) : run;
    const names = await projectNames(tx, run.projectId === null ? [] : [run.projectId]);
    return presentRun(ended, names.get(run.projectId ?? '') ?? null, await readNow(tx));
  });
}

/**
 * The run, locked: a chunk that is under way ends first. For whoever may do the same in each of its projects; `not_found`
 * for one of another tenant.
 */
export async function lockRun(tx: Transaction, ctx: Context, id: string): Promise<BulkRunRow> {
  const [row] = isId(id) ? await tx.orm.select().from(bulkRuns).where(eq(bulkRuns.id, id)).for('update') : [];
  if (row === undefined || row.organizationId !== ctx.organizationId) {
    throw new DomainError('not_found', 'There is no such bulk action.');
  }
  if (isMessageRun(row.kind)) {
    requirePermission(ctx, messageActions[row.kind].permission, row.projectId);
    return row;
  }
  const { projectIds } = storedSelection.parse(row.selection);
  // Over all projects means those that its beginner could reach.
  const concerned = row.projectId === null && projectIds.length > 0 ? projectIds : [row.projectId];
  for (const projectId of concerned) requirePermission(ctx, 'backlog.write', projectId);
  return row;
}

/** Ends a running run where it stands, and writes that down. */
export async function endRun(tx: Transaction, ctx: Context, run: BulkRunRow): Promise<BulkRunRow> {
  const [ended] = await tx.orm
    .update(bulkRuns)
    .set({ state: 'stopped', finishedAt: await readNow(tx), stoppedBy: actorLabel(ctx.actor) })
    .where(eq(bulkRuns.id, run.id))
    .returning();
  await recordAudit(tx, ctx, {
    action: 'backlog.run_stopped',
    projectId: run.projectId,
    object: { kind: 'bulk_run', id: run.id, label: null },
    detail: { kind: run.kind, done: run.done, of: run.expected },
  });
  return ended ?? run;
}
