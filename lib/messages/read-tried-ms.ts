import type { Transaction } from '#db/client.ts';
import type { MessageRow } from './present-message.ts';

/** What the give-up clock of a waiting message will show when it is due, if nothing halts its project until then. */
export async function readTriedMs(
  tx: Transaction,
  { waitedMs, waitedFrom, haltedFromMs, projectId }: MessageRow,
  dueAt: Date,
): Promise<number> {
  if (waitedFrom === null) return waitedMs;
  // As if it were due now: what passes until then counts in full.
  const { rows } = await tx.query<{ ms: number }>(
    `select least(
       extract(epoch from $2::timestamptz - $1::timestamptz) * 1000,
       greatest(0, extract(epoch from greatest(mailroom.now(), $2) - $1::timestamptz) * 1000
         - (mailroom.halted_ms($4) - coalesce($3::bigint, 0)))
     )::bigint as ms`,
    [waitedFrom, dueAt, haltedFromMs, projectId],
  );
  return waitedMs + Math.max(0, rows[0]?.ms ?? 0);
}
