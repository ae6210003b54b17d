import type { LimitWindow } from '#lib/limits/limits-view.ts';

/** What a day is: "A day is the calendar day in Europe/Berlin". */
export function windowWords({ kind, timeZone }: Pick<LimitWindow, 'kind' | 'timeZone'>): string {
  return kind === 'rolling' ? 'A day is the last 24 hours' : `A day is the calendar day in ${timeZone}`;
}

/** When it ends, behind "expected": "by midnight", or "in 24 h" where the window rolls. */
export function endWords({ kind }: Pick<LimitWindow, 'kind'>): string {
  return kind === 'rolling' ? 'in 24 h' : 'by midnight';
}
