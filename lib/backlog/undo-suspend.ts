import { and, eq, gt } from 'drizzle-orm';
import type { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { bulkRuns } from '#db/schema/backlog.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorId, actorLabel, type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import { type BulkRunRow, presentRun, projectNames, storedSelection } from './bulk-run-row.ts';
import { moveHeld } from './move-held.ts';
import { readExactNow, readNow } from './read-now.ts';
import { atOnce, undoMs } from './schemas.ts';
import { endRun, lockRun, runInput } from './stop-bulk-run.ts';
import type { BulkRunView } from './views.ts';

// The click comes from a page that shows the button until the last moment.
const graceMs = 5_000;

/**
 * Takes a suspend back: all that it has moved and that is still suspended stands in the backlog as before. While it is
 * at work and for ten seconds after; `expired` later, `wrong_state` a second time.
 */
export function undoSuspend(ctx: Context, given: z.input<typeof runInput>): Promise<BulkRunView> {
  const { run: id } = parseInput(runInput, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const run = await lockRun(tx, ctx, id);
    if (run.kind !== 'suspend') throw new DomainError('wrong_state', 'Only a suspend can be taken back.');
    if (await isUndone(tx, run)) throw new DomainError('wrong_state', 'This was taken back already.');
    const now = await readNow(tx);
    if (run.finishedAt !== null && now.getTime() - run.finishedAt.getTime() > undoMs + graceMs) {
      throw new DomainError(
        'expired',
        'The time to take this back is over. Return the mails to the backlog from Suspended.',
      );
    }
    if (run.state === 'running') await endRun(tx, ctx, run);
    const undo = await beginUndo(tx, ctx, run);
    const names = await projectNames(tx, run.projectId === null ? [] : [run.projectId]);
    return presentRun(undo, names.get(run.projectId ?? '') ?? null, now);
  });
}

async function isUndone(tx: Transaction, { id, organizationId }: BulkRunRow): Promise<boolean> {
  const later = and(eq(bulkRuns.organizationId, organizationId), gt(bulkRuns.id, id));
  const rows = await tx.orm
    .select({ id: bulkRuns.id })
    .from(bulkRuns)
    .where(and(later, eq(bulkRuns.undoOf, id)));
  return rows.length > 0;
}

async function beginUndo(tx: Transaction, ctx: Context, run: BulkRunRow): Promise<BulkRunRow> {
  const id = newId();
  const { projectIds } = storedSelection.parse(run.selection);
  const by = actorLabel(ctx.actor);
  const createdAt = await readNow(tx);
  const moved =
    run.done > atOnce
      ? null
      : await moveHeld(
          tx,
          { kind: 'undo', event: 'returned', overrides: 0, by, runId: id, detail: {} },
          (values) => `select h.message_id from mailroom.held_messages h
            where h.run_id = ${values.add(run.id, 'uuid')} and h.state = 'suspended'`,
        );
  const ended =
    moved === null
      ? {}
      : {
          state: 'done' as const,
          done: moved.mails,
          skipped: run.done - moved.mails,
          finishedAt: await readNow(tx),
        };
  const [row] = await tx.orm
    .insert(bulkRuns)
    .values({
      id,
      organizationId: ctx.organizationId,
      projectId: run.projectId,
      kind: 'return',
      selection: { projectIds, asOf: await readExactNow(tx), chosen: null },
      expected: run.done,
      createdAt,
      ...ended,
      actorKind: ctx.actor.kind,
      actorId: actorId(ctx.actor),
      actorLabel: by,
      undoOf: run.id,
    })
    .returning();
  if (row === undefined) throw new TypeError('An insert answers with its row');
  await recordAudit(tx, ctx, {
    action: 'backlog.suspend_undone',
    projectId: run.projectId,
    object: { kind: 'bulk_run', id, label: null },
    detail: { mails: moved?.mails ?? run.done, undoOf: run.id },
  });
  return row;
}
