import type { Transaction } from '#db/client.ts';
import { invalidField } from '../errors.ts';
import type { WindowKind } from './limits-view.ts';

export interface Calendar {
  readonly kind: WindowKind;
  readonly timeZone: string;
}

/**
 * How the organization's day is cut from the end of the running window on (PRODUCT 5.2). A rolling window that runs
 * ends in 24 hours: what counts in it now counts in none after that. The caller holds the organization's row.
 */
export async function changeCalendar(
  tx: Transaction,
  organizationId: string,
  wanted: Partial<Calendar>,
): Promise<{ readonly before: Calendar; readonly after: Calendar }> {
  if (wanted.timeZone !== undefined) await requireKnownZone(tx, wanted.timeZone);
  const { rows } = await tx.query<Calendar & { isAhead: boolean }>(
    `select kind, time_zone as "timeZone", starts_at > mailroom.now() as "isAhead" from mailroom.limit_calendars
     where organization_id = $1 order by starts_at desc`,
    [organizationId],
  );
  const running = rows.find(({ isAhead }) => !isAhead) ?? { kind: 'calendar', timeZone: 'UTC' };
  // What was saved last is what the person sees and changes, even where it has not begun.
  const { kind, timeZone } = rows[0] ?? running;
  const before = { kind, timeZone };
  const after = { ...before, ...wanted };
  if (isSame(before, after)) return { before, after };
  const { rowCount } = await tx.query(
    'delete from mailroom.limit_calendars where organization_id = $1 and starts_at > mailroom.now()',
    [organizationId],
  );
  // What lay ahead has begun since it was read.
  if (rowCount !== rows.filter(({ isAhead }) => isAhead).length)
    return changeCalendar(tx, organizationId, wanted);
  if (!isSame(running, after)) {
    // A zone changes nothing about a rolling window, so there it may begin at once.
    const isAtOnce = running.kind === 'rolling' && after.kind === 'rolling';
    await tx.query(
      `insert into mailroom.limit_calendars (organization_id, starts_at, kind, time_zone)
       select $1, case when $4 then mailroom.now()
         else coalesce(w.ends_at, date_trunc('minute', mailroom.now()) + interval '24 hours 1 minute') end, $2, $3
       from mailroom.limit_window($1) w`,
      [organizationId, after.kind, after.timeZone, isAtOnce],
    );
  }
  return { before, after };
}

function isSame(one: Calendar, other: Calendar): boolean {
  return one.kind === other.kind && one.timeZone === other.timeZone;
}

/** Throws `invalid_input` for a zone that this runtime knows and the database does not: it cuts the days. */
export async function requireKnownZone(tx: Transaction, timeZone: string): Promise<void> {
  try {
    await tx.query('select mailroom.now() at time zone $1', [timeZone]);
  } catch (error) {
    // SQLSTATE 22023: the time zone is not recognized.
    if (!(error instanceof Error && 'code' in error && error.code === '22023')) throw error;
    throw invalidField(
      'timeZone',
      'The database does not know this time zone. Give one such as Europe/Lisbon.',
    );
  }
}
