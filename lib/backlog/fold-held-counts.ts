import { asWorker } from '#db/client.ts';
import type { Services } from '../context.ts';

const mostRows = 10_000;
/** So few rows of a project are quicker added up than folded. */
const fewRows = 8;

/**
 * Adds up the changes of held counts that have gathered, so that reading them stays cheap; for the worker's timer. The
 * sums are the same before and after. Answers how many rows it folded.
 */
export async function foldHeldCounts({ database }: Pick<Services, 'database'>): Promise<number> {
  let folded = 0;
  for (;;) {
    const { rows } = await asWorker(database, (tx) =>
      tx.query<{ folded: number }>(
        `with busy as (
           select project_id from mailroom.held_counts group by project_id having count(*) > $2
         ), taken as materialized (
           select id from mailroom.held_counts where project_id in (select project_id from busy)
           order by id limit $1
         ), gone as (
           delete from mailroom.held_counts c using taken t where c.id = t.id
           returning c.organization_id, c.project_id, c.state, c.reason, c.mails
         ), sums as (
           insert into mailroom.held_counts (organization_id, project_id, state, reason, mails)
           select organization_id, project_id, state, reason, sum(mails) from gone
           group by 1, 2, 3, 4 having sum(mails) <> 0
         )
         select count(*)::int as folded from gone`,
        [mostRows, fewRows],
      ),
    );
    folded += rows[0]?.folded ?? 0;
    if ((rows[0]?.folded ?? 0) < mostRows) return folded;
  }
}
