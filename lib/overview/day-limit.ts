import type { DayLimitRow } from './overview-rows.ts';

/** The daily limit that a project comes nearest to. */
export interface DayLimit {
  /** Whether it is the project's own or one over all mail of its protocol. */
  readonly over: 'project' | 'protocol';
  readonly limit: number;
  readonly used: number;
  /** Mail of normal priority finds no room any more. */
  readonly isReached: boolean;
  /** When the window ends; null for a rolling one. */
  readonly endsAt: Date | null;
}

/** Of the limits that count the project's mail the one with the largest share used; null where there is none. */
export function nearestDayLimit(
  rows: readonly DayLimitRow[],
  project: { readonly id: string; readonly protocol: string | null },
): DayLimit | null {
  const met = rows.filter(
    (row) => row.project_id === project.id || (row.protocol !== null && row.protocol === project.protocol),
  );
  const [nearest] = met.toSorted((a, b) => shareOf(b) - shareOf(a));
  if (nearest === undefined) return null;
  return {
    over: nearest.project_id === null ? 'protocol' : 'project',
    limit: nearest.mails_per_day,
    used: nearest.used,
    isReached: shareOf(nearest) >= 1,
    endsAt: nearest.ends_at,
  };
}

// What is set aside for high priority and not yet used by it is spent for the rest.
function shareOf(row: DayLimitRow): number {
  return (row.used + Math.max(row.high_reserve - row.high_used, 0)) / row.mails_per_day;
}
