import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { type RecipientsPolicy, recipientsPolicies, type SaveLimitPolicy } from './limits-view.ts';

const policyInput = z.strictObject({ recipientsPolicy: z.enum(recipientsPolicies) });

/** Chooses what becomes of a mail with more recipients than one may have: held, split or refused at the door. */
export function saveLimitPolicy(ctx: Context, input: SaveLimitPolicy): Promise<SaveLimitPolicy> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    requirePermission(ctx, 'limits.write', null);
    const after = parseInput(policyInput, input);
    const { rows } = await tx.query<{ recipientsPolicy: RecipientsPolicy }>(
      `select recipients_policy as "recipientsPolicy" from mailroom.limit_policies
       where organization_id = $1 for no key update`,
      [ctx.organizationId],
    );
    const before = rows[0]?.recipientsPolicy;
    if (before === after.recipientsPolicy) return after;
    await tx.query('update mailroom.limit_policies set recipients_policy = $2 where organization_id = $1', [
      ctx.organizationId,
      after.recipientsPolicy,
    ]);
    await recordAudit(tx, ctx, {
      action: 'limits.policy_saved',
      projectId: null,
      object: { kind: 'organization', id: ctx.organizationId, label: null },
      detail: { before: { recipientsPolicy: before }, after },
    });
    return after;
  });
}
