import type { Transaction } from '#db/client.ts';
import type { Protocol } from './limit-scope.ts';

/**
 * Counts a test mail in the limits of its project and of the protocol that it speaks (PRODUCT 3.4). It is never held:
 * beyond a limit it counts as one that passed. As the start of a mail does, it counts under the lock of limits.
 */
export async function countTestMail(
  tx: Transaction,
  test: { readonly projectId: string; readonly protocol: Protocol },
): Promise<void> {
  const { rows: scopes } = await tx.query<{ id: string }>(
    `select s.id from mailroom.projects p join mailroom.limit_scopes s on s.organization_id = p.organization_id
       and (s.project_id = p.id or s.protocol = $2)
     where p.id = $1 order by s.id for no key update of s`,
    [test.projectId, test.protocol],
  );
  await tx.query(
    `insert into mailroom.limit_usage as u (scope_id, minute, slot, organization_id, mails, passed, largest)
     select s.id, date_trunc('minute', mailroom.now()), 0, s.organization_id, 1,
       case when s.mails_per_day <= (
         select mails from mailroom.limit_used(s.id, w.starts_at, w.ends_at)
       ) then 1 else 0 end, 1
     from mailroom.limit_scopes s cross join lateral mailroom.limit_window(s.organization_id) w
     where s.id = any ($1) order by s.id
     on conflict (scope_id, minute, slot) do update set mails = u.mails + 1, passed = u.passed + excluded.passed,
       largest = greatest(u.largest, 1)`,
    [scopes.map(({ id }) => id)],
  );
}
