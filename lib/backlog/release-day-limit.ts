import type { Transaction } from '#db/client.ts';
import type { Context } from '../context.ts';
import { decideRelease } from '../policy/auto-resume.ts';
import { dealRooms, type PendingProject, readPendingProjects, readScopeRooms } from './auto-resume-facts.ts';
import type { Moved } from './move-held.ts';
import { releaseHeld } from './release-held.ts';

/** How far into a project's held mails those of high priority are looked for. */
const highSearched = 10_000;

/** Lets go what a limit of the day held and has room for again, at most `most` mails (PRODUCT 5.6). */
export async function releaseDayLimit(
  tx: Transaction,
  ctx: Context,
  most: number,
): Promise<readonly Moved[]> {
  const projects = await readPendingProjects(tx);
  if (projects.every(({ isOn }) => !isOn)) return [];
  const rooms = await readScopeRooms(tx, ctx.organizationId);
  const shares = dealRooms(projects, rooms, false);
  const moved: Moved[] = [];
  let left = most;
  for (const project of projects) {
    const share = shares.get(project.id);
    const decision = decideRelease({ ...project, room: share === undefined ? 0 : share });
    if (decision.kind === 'none') {
      if (decision.why === 'no_room' && project.isRaiseOpen) await closeRaise(tx, project);
      continue;
    }
    const count = Math.min(decision.count, left);
    if (count === 0) continue;
    moved.push(
      await releaseHeld(tx, ctx, causeOf(project, decision.why), (values) =>
        oldest(values.add(project.id, 'uuid'), count),
      ),
    );
    left -= count;
    // The rest of what was decided comes with the next turn, by the same cause.
    if (count === decision.count && project.isRaiseOpen) await closeRaise(tx, project);
  }
  if (moved.length > 0 || rooms.every(({ reserved }) => reserved === 0)) return moved;
  return releaseHigh(tx, ctx, { projects, shares: dealRooms(projects, rooms, true), most: left });
}

function oldest(project: string, count: number): string {
  return `select h.message_id from mailroom.held_messages h
    where h.project_id = ${project} and h.state = 'backlog' and h.reason = 'day_limit'
    order by h.message_id limit ${count}`;
}

interface HighRelease {
  readonly projects: readonly PendingProject[];
  readonly shares: ReadonlyMap<string, number | null>;
  readonly most: number;
}

/** Where only the reserve has room, the mails of high priority among the oldest go alone. */
async function releaseHigh(tx: Transaction, ctx: Context, high: HighRelease): Promise<readonly Moved[]> {
  const moved: Moved[] = [];
  for (const project of high.projects) {
    const decision = decideRelease({ ...project, room: high.shares.get(project.id) ?? 0 });
    if (decision.kind === 'none') continue;
    moved.push(
      await releaseHeld(
        tx,
        ctx,
        causeOf(project, decision.why),
        (values) => `select h.message_id from (
           select h.message_id, h.priority from mailroom.held_messages h
           where h.project_id = ${values.add(project.id, 'uuid')} and h.state = 'backlog' and h.reason = 'day_limit'
           order by h.message_id limit ${highSearched}
         ) h where h.priority = 0 order by h.message_id limit ${Math.min(decision.count, high.most)}`,
      ),
    );
  }
  return moved;
}

function causeOf(project: PendingProject, why: string) {
  const { pending, threshold } = project;
  return { project, action: 'backlog.auto_resumed', why, facts: { of: pending, threshold } } as const;
}

// The raise that was seen, and not this moment: another one may be about to commit that was saved before it.
async function closeRaise(tx: Transaction, { id, raisedAt }: PendingProject): Promise<void> {
  await tx.query('update mailroom.projects set auto_resumed_at = $2::timestamptz where id = $1', [
    id,
    raisedAt,
  ]);
}
