import type { Transaction } from '#db/client.ts';
import type { RecipientsRule } from '../policy/limit-recipients.ts';

/** The limits of recipients that the project's mail meets, the lower one counting, and what happens beyond it. */
export async function loadRecipientsRule(tx: Transaction, projectId: string): Promise<RecipientsRule> {
  const { rows } = await tx.query<RecipientsRule>(
    `select min(s.recipients_per_mail) as "recipientsPerMail", p.recipients_policy as policy
     from mailroom.limit_scopes_of($1) s
     join mailroom.limit_policies p on p.organization_id = s.organization_id
     group by p.recipients_policy`,
    [projectId],
  );
  return rows[0] ?? { recipientsPerMail: null, policy: 'hold' };
}
