import type { Transaction } from '#db/client.ts';
import { actorLabel, type Context } from '../context.ts';
import { DomainError } from '../errors.ts';

export const testsPerMinute = 12;

/**
 * Throws `too_many` when the person had this many tests within the last minute, in any project of the organization: a
 * test connects to whatever the form names.
 */
export async function checkTestAllowance(tx: Transaction, ctx: Context): Promise<void> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from mailroom.audit_entries
     where organization_id = $1 and actor_label = $2 and action = 'mail_settings.test_begun'
       and id >= mailroom.first_id_at(mailroom.now() - interval '1 minute')`,
    [ctx.organizationId, actorLabel(ctx.actor)],
  );
  if ((rows[0]?.count ?? 0) < testsPerMinute) return;
  throw new DomainError(
    'too_many',
    `${testsPerMinute} tests within a minute are enough. Wait a moment, then test again.`,
  );
}
