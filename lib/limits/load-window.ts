import type { Transaction } from '#db/client.ts';
import { DomainError } from '../errors.ts';
import type { LimitWindow, NextWindow, WindowKind } from './limits-view.ts';

interface WindowRow {
  readonly kind: WindowKind;
  readonly time_zone: string;
  readonly starts_at: Date;
  readonly ends_at: Date | null;
}

/** The window that a mail started now counts in. */
export async function loadWindow(tx: Transaction, organizationId: string): Promise<LimitWindow> {
  const { rows } = await tx.query<WindowRow>('select * from mailroom.limit_window($1)', [organizationId]);
  const [row] = rows;
  if (row === undefined) throw new DomainError('not_found', 'There is no such organization.');
  return presentWindow(row);
}

/** The window that a saved change of zone or kind begins; null where none lies ahead. */
export async function loadNextWindow(tx: Transaction, organizationId: string): Promise<NextWindow | null> {
  const { rows } = await tx.query<WindowRow>(
    `select kind, time_zone, starts_at, case when kind = 'calendar'
       then mailroom.midnight_at_or_after(starts_at + interval '24 hours', time_zone) end as ends_at
     from mailroom.limit_calendars where organization_id = $1 and starts_at > mailroom.now()
     order by starts_at limit 1`,
    [organizationId],
  );
  const [row] = rows;
  return row === undefined ? null : presentWindow(row);
}

function presentWindow(row: WindowRow): LimitWindow {
  return {
    kind: row.kind,
    timeZone: row.time_zone,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at?.toISOString() ?? null,
  };
}
