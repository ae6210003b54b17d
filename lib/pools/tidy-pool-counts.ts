import { asWorker, type Database } from '#db/client.ts';

/** Forgets what pools let go and what the flood breaker counted where no window reaches back to it any more. */
export async function tidyPoolCounts(database: Database): Promise<void> {
  await asWorker(database, async (tx) => {
    await tx.query("delete from mailroom.pool_usage where minute < mailroom.now() - interval '26 hours'");
    await tx.query("delete from mailroom.flood_counts where window_at < mailroom.now() - interval '3 hours'");
  });
}
