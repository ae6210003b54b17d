import type { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { checkRetrySchedule } from '../settings/check-retry-schedule.ts';
import { deliveryCountCap, deliveryInput } from './schemas.ts';

/** What a change would mean for mail that is being tried again now. Counts stop at `deliveryCountCap` + 1. */
export interface DeliveryPreview {
  /** They keep their next time; their later tries follow the new schedule. */
  readonly retrying: number;
  /** Of them, those that are given up when their next try fails too. */
  readonly lastTry: number;
}

/** Counts what these rules would meet, before they are saved. */
export function previewDelivery(
  ctx: Context,
  given: z.input<typeof deliveryInput>,
): Promise<DeliveryPreview> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { project: reference, rules } = parseInput(deliveryInput, given);
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.read', project.id);
    const { retry } = rules;
    checkRetrySchedule(retry, 'rules.retry.giveUpAfterHours');
    // As `decideRetry` reckons, without its jitter. The exponent is bounded before it overflows; by then the longest wait holds.
    const { rows } = await tx.query<DeliveryPreview>(
      `select count(*)::int as retrying,
         count(*) filter (where
           waited_ms + greatest(0, coalesce(extract(epoch from next_attempt_at - waited_from) * 1000, 0))
             + least($3::float8 * power($4::float8, least(attempt_count, 200)), $5::float8) * 1000 > $6::float8 * 3600000
         )::int as "lastTry"
       from (
         select waited_ms, waited_from, next_attempt_at, attempt_count from mailroom.messages
         where project_id = $1 and state = 'retrying' order by id desc limit $2
       ) m`,
      [
        project.id,
        deliveryCountCap + 1,
        retry.firstWaitSeconds,
        retry.factor,
        retry.maxWaitSeconds,
        retry.giveUpAfterHours,
      ],
    );
    return rows[0] ?? { retrying: 0, lastTry: 0 };
  });
}
