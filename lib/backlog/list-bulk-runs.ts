import { and, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { bulkRuns } from '#db/schema/backlog.ts';
import { can } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { isId } from '../ids.ts';
import { messageRunKinds } from '../messages/labels.ts';
import { parseInput } from '../parse-input.ts';
import { type BulkRunRow, presentRun, projectNames } from './bulk-run-row.ts';
import { openProjects } from './open-projects.ts';
import { readNow } from './read-now.ts';
import { bulkKinds, projectOrAll } from './schemas.ts';
import type { BulkRunView } from './views.ts';

const listInput = z.strictObject({
  project: projectOrAll,
  /** Only those at work, and those that ended in the last minute. */
  active: z.boolean().default(false),
  /** Those over held mails, or those over messages. */
  of: z.enum(['held', 'messages']).optional(),
  limit: z.int().min(1).max(100).default(20),
});

const lingerMs = 60_000;

/** Bulk actions, newest first: of a project, or (null) of the organization and all its projects that the actor sees. */
export function listBulkRuns(
  ctx: Context,
  given: z.input<typeof listInput>,
): Promise<readonly BulkRunView[]> {
  const { project, active, of, limit } = parseInput(listInput, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const ids = (await openProjects(tx, ctx, project, 'messages.read')).map(({ id }) => id);
    const now = await readNow(tx);
    const overAll = can(ctx.actor, 'messages.read', null)
      ? isNull(bulkRuns.projectId)
      : and(
          isNull(bulkRuns.projectId),
          sql`${bulkRuns.selection} -> 'projectIds' <@ ${JSON.stringify(ids)}::jsonb`,
        );
    const lately = new Date(now.getTime() - lingerMs);
    const rows = await tx.orm
      .select()
      .from(bulkRuns)
      .where(
        and(
          eq(bulkRuns.organizationId, ctx.organizationId),
          or(inArray(bulkRuns.projectId, ids), project === null ? overAll : undefined),
          of === undefined
            ? undefined
            : inArray(bulkRuns.kind, of === 'held' ? [...bulkKinds] : [...messageRunKinds]),
          active ? or(eq(bulkRuns.state, 'running'), gt(bulkRuns.finishedAt, lately)) : undefined,
        ),
      )
      .orderBy(desc(bulkRuns.id))
      .limit(limit);
    return presentRuns(tx, rows, now);
  });
}

const readInput = z.strictObject({ project: z.string().max(64), run: z.string().max(64) });

/** One bulk action of a project, for whoever reads its mails or may begin one. */
export function readBulkRun(ctx: Context, given: z.input<typeof readInput>): Promise<BulkRunView> {
  const { project: reference, run } = parseInput(readInput, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    const mayRead =
      can(ctx.actor, 'messages.read', project.id) || can(ctx.actor, 'backlog.write', project.id);
    if (!mayRead) throw new DomainError('forbidden', 'This key may neither read nor resume.');
    const rows = isId(run)
      ? await tx.orm
          .select()
          .from(bulkRuns)
          .where(and(eq(bulkRuns.id, run), eq(bulkRuns.projectId, project.id)))
      : [];
    const [view] = await presentRuns(tx, rows, await readNow(tx));
    if (view === undefined) throw new DomainError('not_found', 'There is no such bulk action.');
    return view;
  });
}

async function presentRuns(
  tx: Transaction,
  rows: readonly BulkRunRow[],
  now: Date,
): Promise<readonly BulkRunView[]> {
  const names = await projectNames(
    tx,
    rows.flatMap(({ projectId }) => (projectId === null ? [] : [projectId])),
  );
  return rows.map((row) => presentRun(row, names.get(row.projectId ?? '') ?? null, now));
}
