import { asWorker, type Database, withTenant } from '#db/client.ts';
import { type Services, systemContext } from '../context.ts';
import { releaseDayLimit } from './release-day-limit.ts';
import { redecideHeld, releaseFitting, type SeenLimits } from './release-fitting.ts';
import { wakeProjects } from './wake-projects.ts';

/** Mails that one turn lets go of an organization, so that its transaction stays short. */
const mostPerTurn = 5_000;

const limitsSeen = new WeakMap<Database, SeenLimits>();

/**
 * Lets held mails go that no person has to decide about: by auto resume, after a raise of the recipients limit, and
 * after a change of protocol (PRODUCT 4.4, 5.6); for the worker's timer, every second. What is left it reads from the
 * limits each time, so that it keeps nothing that a death could lose. Answers how many mails it let go.
 */
export async function autoResumeDue(services: Services): Promise<number> {
  const { database, log } = services;
  const { rows } = await asWorker(database, (tx) =>
    tx.query<{ organization_id: string }>(
      `select organization_id from mailroom.held_counts
       where state = 'backlog' and reason in ('day_limit', 'recipients_limit')
       group by organization_id having sum(mails) > 0
       union select organization_id from mailroom.projects where redecides_held and archived_at is null`,
    ),
  );
  let released = 0;
  for (const { organization_id } of rows) {
    try {
      released += await releaseOf(services, organization_id);
    } catch (error) {
      log.error({ err: error, organizationId: organization_id }, 'auto resume failed; it is tried again');
    }
  }
  return released;
}

async function releaseOf(services: Services, organizationId: string): Promise<number> {
  const ctx = systemContext(services, { organizationId });
  const seen = limitsSeen.get(services.database) ?? new Map<string, string>();
  limitsSeen.set(services.database, seen);
  const looked = new Map(seen);
  const moves = await withTenant(services.database, { organizationId, userId: null }, async (tx) => {
    await tx.query('set local idle_in_transaction_session_timeout = 4000');
    // One worker at a time: two would deal out the same room.
    const turn = await tx.query(
      'select from mailroom.limit_policies where organization_id = $1 for update skip locked',
      [organizationId],
    );
    if (turn.rows.length === 0) return [];
    return [
      ...(await redecideHeld(tx, ctx, mostPerTurn)),
      ...(await releaseFitting(tx, ctx, looked, mostPerTurn)),
      ...(await releaseDayLimit(tx, ctx, mostPerTurn)),
    ];
  });
  for (const [projectId, limit] of looked) seen.set(projectId, limit);
  const projectIds = moves.flatMap(({ byProject }) => byProject.map(({ projectId }) => projectId));
  await wakeProjects(ctx, projectIds);
  return moves.reduce((sum, { mails }) => sum + mails, 0);
}
