import type { Transaction } from '#db/client.ts';
import type { Fault, FaultScope } from '#lib/transports/contract.ts';
import { slowDown } from '#lib/policy/slow-down.ts';
import { type PoolStandRow, poolStandColumns, poolStandOf } from './pool-stand.ts';

/** Faults that reach beyond one mail: everything that draws from the pool meets them. */
const reachesPool: Readonly<Record<FaultScope, boolean>> = {
  recipient: false,
  mail: false,
  sender: false,
  mailbox: true,
  tenant: true,
  host: true,
};

/**
 * Takes down what the server of a project asked for (PRODUCT 5.11): its pool stops until the time stated or learned,
 * goes on at half its rate and climbs back. False, and nothing happens, where the fault does not reach a pool or there is
 * none.
 */
export async function slowPool(
  tx: Transaction,
  facts: {
    readonly projectId: string;
    readonly fault: Fault;
    readonly askedMs: number | null;
    readonly random: number;
  },
): Promise<boolean> {
  if (!reachesPool[facts.fault.scope]) return false;
  const { rows } = await tx.query<PoolStandRow & { pool_id: string; now_ms: number }>(
    `select pp.pool_id, extract(epoch from mailroom.now())::float8 * 1000 as now_ms, ${poolStandColumns}
     from mailroom.projects p join mailroom.pools po on po.id = p.pool_id
     join mailroom.pool_paces pp on pp.pool_id = po.id
     where p.id = $1 and po.archived_at is null for update of pp`,
    [facts.projectId],
  );
  const [row] = rows;
  if (row === undefined) return false;
  const slowed = slowDown(poolStandOf(row).slow, row.now_ms, facts);
  await tx.query(
    `update mailroom.pool_paces set rate_factor = $2, slowed_at = to_timestamp($3::float8 / 1000), slow_count = $4,
       stopped_until = to_timestamp($5::float8 / 1000), slow_code = $6, slow_reply = $7, paced_at = mailroom.now()
     where pool_id = $1`,
    [
      row.pool_id,
      slowed.rateFactor,
      slowed.slowedMs,
      slowed.slowCount,
      slowed.stoppedUntilMs,
      facts.fault.code,
      facts.fault.reply?.text.toWellFormed().replaceAll('\0', '\uFFFD') ?? null,
    ],
  );
  return true;
}
