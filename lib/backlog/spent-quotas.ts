import type { Transaction } from '#db/client.ts';
import { usableFigures } from '../policy/pace.ts';
import { poolStandColumns, poolStandOf, type PoolStandRow, recipientsOfDay } from '../pools/pool-stand.ts';

/** Recipients that the day's quota of each project's pool still has; a project without a quota is not in it. */
export async function readQuotaRoom(
  tx: Transaction,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly poolId: string; readonly left: number }>> {
  const { rows } = await tx.query<PoolStandRow & { project_id: string; pool_id: string; used: number }>(
    `select p.id as project_id, po.id as pool_id, ${recipientsOfDay} as used, ${poolStandColumns}
     from mailroom.projects p join mailroom.pools po on po.id = p.pool_id
     join mailroom.pool_paces pp on pp.pool_id = po.id
     where p.id = any ($1::uuid[]) and po.recipients_per_day is not null and po.archived_at is null`,
    [projectIds],
  );
  return new Map(
    rows.flatMap((row) => {
      const { figures, slow } = poolStandOf(row);
      const { recipientsPerDay } = usableFigures(figures, slow.rateFactor);
      if (recipientsPerDay === null) return [];
      return [
        [row.project_id, { poolId: row.pool_id, left: Math.max(0, recipientsPerDay - row.used) }] as const,
      ];
    }),
  );
}

/** The projects whose quota is spent: what it holds stays, whoever asks (PRODUCT 5.5). */
export async function spentQuotas(
  tx: Transaction,
  projectIds: readonly string[],
): Promise<readonly string[]> {
  const room = await readQuotaRoom(tx, projectIds);
  return projectIds.filter((id) => room.get(id)?.left === 0);
}
