import { inArray } from 'drizzle-orm';
import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { lanes } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { waitingReason } from '../messages/waiting-reason.ts';
import { parseInput } from '../parse-input.ts';
import type { HoldReason } from '../policy/hold-reasons.ts';
import { openProjects } from './open-projects.ts';
import { readExactNow, readNow } from './read-now.ts';
import { heldSelection, pacePerMinute, projectOrAll } from './schemas.ts';
import { countGroups, type Group, overRecipients, readPassedLimits, sumOf } from './resume-limits.ts';
import type { SelectionScope } from './select-held.ts';
import type { ResumePreview } from './views.ts';

const previewInput = z.strictObject({
  project: projectOrAll,
  selection: heldSelection,
  pacePerMinute: pacePerMinute.nullable().default(null),
});

/** What a resume of these mails would do: how far it passes which limits, what it leaves out, and what waits on. */
export function previewResume(ctx: Context, given: z.input<typeof previewInput>): Promise<ResumePreview> {
  const { project, selection, pacePerMinute: pace } = parseInput(previewInput, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const open = await openProjects(tx, ctx, project, 'backlog.write');
    const ids = open.map(({ id }) => id);
    const scope: SelectionScope = { projectIds: ids, state: 'backlog', asOf: await readExactNow(tx) };
    const { going, left } = await countGroups(tx, scope, selection);
    const limits = await readPassedLimits(tx, ctx, going);
    const [first] = limits;
    const mails = sumOf(going, 'mails');
    return {
      mails,
      recipients: sumOf(going, 'recipients'),
      byReason: byReason(going),
      asOf: scope.asOf ?? '',
      limits,
      usedToday: first?.used ?? null,
      limit: first?.limit ?? null,
      passedBy: first?.passedBy ?? 0,
      percent: first?.percent ?? 0,
      overRecipients: overRecipients(going),
      quotaHeld: sumOf(left, 'mails'),
      waiting: await readWaiting(tx, open, going),
      minutesAtPace: pace === null ? null : Math.ceil(mails / pace),
    };
  });
}

async function readWaiting(
  tx: Transaction,
  projects: readonly ProjectRow[],
  groups: readonly Group[],
): Promise<ResumePreview['waiting']> {
  const concerned = projects.filter(({ id }) => groups.some(({ projectId }) => projectId === id));
  if (concerned.length === 0) return [];
  const rows = await tx.orm
    .select()
    .from(lanes)
    .where(
      inArray(
        lanes.id,
        concerned.map(({ laneId }) => laneId),
      ),
    );
  const byId = new Map(rows.map((lane) => [lane.id, lane]));
  const now = await readNow(tx);
  return concerned.flatMap((project) => {
    const lane = byId.get(project.laneId) ?? { stoppedAt: null, waitUntil: null };
    const waits = waitingReason({ project, lane, sendAt: null, now });
    const reason = project.archivedAt === null ? waits : 'archived';
    if (reason === null || reason === 'send_at') return [];
    const { id, slug, name } = project;
    const own = groups.filter(({ projectId }) => projectId === id);
    return [{ project: { id, slug, name }, mails: sumOf(own, 'mails'), reason }];
  });
}

function byReason(groups: readonly Group[]): ResumePreview['byReason'] {
  const of = (wanted: HoldReason): number =>
    sumOf(
      groups.filter(({ reason }) => reason === wanted),
      'mails',
    );
  return {
    day_limit: of('day_limit'),
    quota: of('quota'),
    recipients_limit: of('recipients_limit'),
    flood: of('flood'),
    by_hand: of('by_hand'),
  };
}
