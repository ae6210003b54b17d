import type { Transaction } from '#db/client.ts';
import { newId } from '../ids.ts';
import { type Announcement, kindRules } from './announcement.ts';

/**
 * Writes down that the people of a project are to be told, in the transaction of what they are told of; the worker
 * mails it. False where the same was told so shortly before that it is not told again.
 */
export async function announce(
  tx: Transaction,
  told: Announcement & { readonly organizationId: string; readonly projectId: string },
): Promise<boolean> {
  const { lastsHours, restMinutes } = kindRules[told.kind];
  const { rowCount } = await tx.query(
    `insert into mailroom.notices (id, organization_id, project_id, kind, facts, expires_at)
     select $1, $2, $3, $4, $5, mailroom.now() + make_interval(hours => $6)
     where not exists (
       select from mailroom.notices n
       where n.project_id = $3 and n.kind = $4 and n.announced_at > mailroom.now() - make_interval(mins => $7)
     )`,
    [
      newId(),
      told.organizationId,
      told.projectId,
      told.kind,
      JSON.stringify(told.facts),
      lastsHours,
      restMinutes,
    ],
  );
  return rowCount === 1;
}
