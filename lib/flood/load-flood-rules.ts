import { and, eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { floodAllowances, floodSettings } from '#db/schema/pools.ts';
import { floodDefaults, type FloodThresholds } from '../policy/flood.ts';

export interface FloodRules {
  readonly thresholds: FloodThresholds;
  /** Shapes that a person lets through: until then, or (null) for ever. */
  readonly allowedUntilMs: ReadonlyMap<string, number | null>;
}

/** Thresholds and allowances of a project; the code's defaults where nobody has set any. */
export async function loadFloodRules(
  tx: Transaction,
  organizationId: string,
  projectId: string,
): Promise<FloodRules> {
  const [settings] = await tx.orm
    .select()
    .from(floodSettings)
    .where(and(eq(floodSettings.organizationId, organizationId), eq(floodSettings.projectId, projectId)));
  const allowances = await tx.orm
    .select({ shape: floodAllowances.shape, until: floodAllowances.until })
    .from(floodAllowances)
    .where(and(eq(floodAllowances.organizationId, organizationId), eq(floodAllowances.projectId, projectId)));
  return {
    thresholds: settings === undefined ? floodDefaults : thresholdsOf(settings),
    allowedUntilMs: new Map(allowances.map(({ shape, until }) => [shape, until?.getTime() ?? null])),
  };
}

function thresholdsOf(row: FloodThresholds): FloodThresholds {
  const { isOn, repeatsPerHour, repliesPerHour, surgeFactor, surgeFloor } = row;
  return { isOn, repeatsPerHour, repliesPerHour, surgeFactor, surgeFloor };
}

/**
 * Mails in the busiest hour of the project's last seven days, this hour left out; null while it has not sent for a day,
 * so that nothing is compared with a beginning.
 */
export async function readBusiestHour(tx: Transaction, projectId: string): Promise<number | null> {
  const { rows } = await tx.query<{ busiest: number | null; is_known: boolean }>(
    `select max(h.mails)::int as busiest, min(h.hour) < mailroom.now() - interval '24 hours' as is_known
     from (
       select c.hour, sum(c.sent + c.failed + c.captured + c.expired + c.uncertain + c.held) as mails
       from mailroom.delivery_counters c
       where c.project_id = $1 and c.hour >= date_trunc('hour', mailroom.now()) - interval '7 days'
         and c.hour < date_trunc('hour', mailroom.now())
       group by c.hour
     ) h`,
    [projectId],
  );
  const [row] = rows;
  return row?.is_known === true ? row.busiest : null;
}
