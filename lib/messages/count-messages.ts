import { type Context, tenantScope } from '../context.ts';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type MessageState, messageStates } from './labels.ts';

/** Counts stop here: beyond, a page says "9,999+". Counting an archive would cost more than it tells. */
export const countCap = 9_999;

export interface MessageCounts {
  /** Capped like the states. */
  readonly all: number;
  readonly byState: Readonly<Record<MessageState, number>>;
}

/** How many messages of the project are in each state, each count at most `countCap` + 1. */
export function countMessages(ctx: Context, input: { readonly project: string }): Promise<MessageCounts> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'messages.read', project.id);
    const { rows } = await tx.query<{ state: string; count: number }>(
      `select s.state, (
         select count(*) from (
           select from mailroom.messages m where m.project_id = $1 and m.state = s.state limit $3
         ) capped
       ) as count
       from unnest($2::text[]) as s (state)`,
      [project.id, [...messageStates], countCap + 1],
    );
    const found = new Map(rows.map((row) => [row.state, row.count]));
    const countOf = (state: MessageState): number => found.get(state) ?? 0;
    const all = messageStates.reduce((sum, state) => sum + countOf(state), 0);
    return {
      all: Math.min(all, countCap + 1),
      byState: {
        queued: countOf('queued'),
        sending: countOf('sending'),
        retrying: countOf('retrying'),
        sent: countOf('sent'),
        failed: countOf('failed'),
        expired: countOf('expired'),
        cancelled: countOf('cancelled'),
        captured: countOf('captured'),
        uncertain: countOf('uncertain'),
        backlog: countOf('backlog'),
        suspended: countOf('suspended'),
      },
    };
  });
}
