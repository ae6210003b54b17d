import type { Transaction } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import type { Announcement } from '#lib/notices/announcement.ts';
import { fullRate, noStop, noWait, onPrimary } from './lane-columns.ts';
import { tellLane } from './tell-lane.ts';

/** Why a project left the alternate server (PRODUCT 6.3). */
export type ReturnReason =
  | 'settings_saved'
  | 'settings_cleared'
  | 'consent_given'
  | 'by_hand'
  | 'service_restarted'
  | 'primary_answers'
  /** Neither could be reached, and the primary answered first. */
  | 'alternate_unreachable';

export interface Away {
  readonly alternateSince: Date | null;
  readonly alternateReason: string | null;
}

/**
 * Brings the lane of a project back to its primary and writes why into the history. A stop goes with it: the alternate
 * has caused it. Null, and nothing is done, where mail goes by the primary. The caller wakes the lane after the commit.
 */
export async function returnToPrimary(
  tx: Transaction,
  ctx: Context,
  project: { readonly id: string; readonly laneId: string },
  why: ReturnReason,
): Promise<Away | null> {
  const { rows } = await tx.query<{ alternate_since: Date | null; alternate_reason: string | null }>(
    `with away as (
       select id, alternate_since, alternate_reason from mailroom.lanes
       where id = $1 and (alternate_since is not null or active_endpoint = 'alternate') for update
     )
     update mailroom.lanes l set ${onPrimary}, ${noWait}, ${noStop}, ${fullRate}
     from away where l.id = away.id returning away.alternate_since, away.alternate_reason`,
    [project.laneId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const away = { alternateSince: row.alternate_since, alternateReason: row.alternate_reason };
  await tellLane(tx, ctx, project.id, {
    action: 'lane.reconnected_to_primary',
    detail: { why, alternateSince: away.alternateSince, reason: away.alternateReason },
    told: toldOf(why),
  });
  return away;
}

// Whoever acted knows it.
function toldOf(why: ReturnReason): Announcement | null {
  switch (why) {
    case 'service_restarted':
    case 'primary_answers':
    case 'alternate_unreachable':
      return { kind: 'returned_to_primary', facts: { why } };
    case 'settings_saved':
    case 'settings_cleared':
    case 'consent_given':
    case 'by_hand':
      return null;
    default:
      return why satisfies never;
  }
}
