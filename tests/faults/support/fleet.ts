import { asOwner } from '#db/client.ts';
import type { Ground } from './ground.ts';

/** Workers that beat. */
export async function countLivingWorkers({ ctx }: Pick<Ground, 'ctx'>): Promise<number> {
  const { rows } = await asOwner(ctx.database, (tx) =>
    tx.query<{ count: number }>(
      `select count(*)::int as count from mailroom.workers
       where lost_at is null and stopped_at is null and beat_at > mailroom.now() - interval '8 seconds'`,
    ),
  );
  return rows[0]?.count ?? 0;
}

/** Workers that others have taken for lost so far. */
export async function countLostWorkers({ ctx }: Pick<Ground, 'ctx'>): Promise<number> {
  const { rows } = await asOwner(ctx.database, (tx) =>
    tx.query<{ count: number }>(
      'select count(*)::int as count from mailroom.workers where lost_at is not null',
    ),
  );
  return rows[0]?.count ?? 0;
}
