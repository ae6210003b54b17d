import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import { isoOrNull } from '../messages/present-message.ts';
import { parseInput } from '../parse-input.ts';
import { type HoldReason, isHoldReason } from '../policy/hold-reasons.ts';
import { type HeldState, projectOrAll } from './schemas.ts';
import { openProjects } from './open-projects.ts';
import type { HeldTotals } from './views.ts';

const input = z.strictObject({ project: projectOrAll });

/** How much is held, from counters that are kept as it changes. */
export function readHeldTotals(ctx: Context, given: z.input<typeof input>): Promise<HeldTotals> {
  const { project } = parseInput(input, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const ids = (await openProjects(tx, ctx, project, 'messages.read')).map(({ id }) => id);
    const counts = await tx.query<{ state: HeldState; reason: string; mails: number }>(
      `select state, reason, sum(mails)::float8 as mails from mailroom.held_counts
       where project_id = any ($1::uuid[]) group by state, reason`,
      [ids],
    );
    const oldest = await tx.query<{ held_at: Date | null }>(
      `select min(first.held_at) as held_at from unnest($1::uuid[]) as p(id)
       cross join lateral (
         select h.held_at from mailroom.held_messages h where h.project_id = p.id and h.state = 'backlog'
         order by h.held_at, h.message_id limit 1
       ) first`,
      [ids],
    );
    const byReason: Record<HoldReason, number> = {
      day_limit: 0,
      quota: 0,
      recipients_limit: 0,
      flood: 0,
      by_hand: 0,
    };
    let suspended = 0;
    for (const { state, reason, mails } of counts.rows) {
      if (state === 'suspended') suspended += mails;
      else if (isHoldReason(reason)) byReason[reason] += mails;
    }
    return {
      backlog: Object.values(byReason).reduce((sum, mails) => sum + mails, 0),
      suspended,
      byReason,
      oldestHeldAt: isoOrNull(oldest.rows[0]?.held_at ?? null),
    };
  });
}
