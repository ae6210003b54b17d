import type { Transaction } from '#db/client.ts';
import { usableFigures } from '../policy/pace.ts';
import { poolStandColumns, poolStandOf, type PoolStandRow, recipientsOfDay } from '../pools/pool-stand.ts';

/** The projects whose pool has spent its quota of the day: what it holds stays, whoever asks (PRODUCT 5.5). */
export async function spentQuotas(
  tx: Transaction,
  projectIds: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await tx.query<PoolStandRow & { project_id: string; used: number }>(
    `select p.id as project_id, ${recipientsOfDay} as used, ${poolStandColumns}
     from mailroom.projects p join mailroom.pools po on po.id = p.pool_id
     join mailroom.pool_paces pp on pp.pool_id = po.id
     where p.id = any ($1::uuid[]) and po.recipients_per_day is not null and po.archived_at is null`,
    [projectIds],
  );
  return rows.flatMap((row) => {
    const { figures, slow } = poolStandOf(row);
    const { recipientsPerDay } = usableFigures(figures, slow.rateFactor);
    return recipientsPerDay !== null && row.used >= recipientsPerDay ? [row.project_id] : [];
  });
}
