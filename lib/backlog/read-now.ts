import type { Transaction } from '#db/client.ts';

/** What SQL calls now. */
export async function readNow(tx: Transaction): Promise<Date> {
  const { rows } = await tx.query<{ now: Date }>('select mailroom.now() as now');
  return rows[0]?.now ?? new Date();
}

/** The same as an ISO string to the microsecond: a `Date` would leave out what was held in its millisecond. */
export async function readExactNow(tx: Transaction): Promise<string> {
  const { rows } = await tx.query<{ now: string }>(
    `select to_char(mailroom.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`,
  );
  return rows[0]?.now ?? new Date().toISOString();
}
