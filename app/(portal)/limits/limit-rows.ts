import type { LimitNumbers, LimitScopeView, LimitsView } from '#lib/limits/limits-view.ts';

/** Which of the two limits of a scope. */
export const limitSides = ['day', 'recipients'] as const;
export type LimitSide = (typeof limitSides)[number];

/** One limit as a row of the table. */
export interface LimitRow {
  /** "smtp.day": the scope and the side, as the address names it. */
  readonly id: string;
  readonly scope: string;
  readonly side: LimitSide;
  readonly name: string;
  /** "SMTP", or the project's name. */
  readonly label: string;
  /** How the global settings call it; of a project's pair null. */
  readonly key: string | null;
  /** Mails of the window, or recipients of its largest mail. */
  readonly used: number;
  readonly limit: number | null;
  readonly expected: number | null;
  readonly held: number;
  readonly passed: number;
  /** All that the scope has saved; a save is refused where it is another by now. */
  readonly saved: LimitNumbers;
}

function savedOf({ mailsPerDay, recipientsPerMail, highReserve }: LimitScopeView): LimitNumbers {
  return { mailsPerDay, recipientsPerMail, highReserve };
}

export function limitId(scope: string, side: LimitSide): string {
  return `${scope}.${side}`;
}

/** The table's rows: days of all protocols, then recipients, then each project's pair. */
export function limitRows(scopes: readonly LimitScopeView[]): LimitRow[] {
  const shared = scopes.filter(({ project }) => project === null);
  const own = scopes.filter(({ project }) => project !== null);
  return [
    ...shared.map(dayRow),
    ...shared.map(recipientsRow),
    ...own.flatMap((scope) => [dayRow(scope), recipientsRow(scope)]),
  ];
}

function dayRow(scope: LimitScopeView): LimitRow {
  return {
    id: limitId(scope.id, 'day'),
    scope: scope.id,
    side: 'day',
    name: `Mails a day, ${scope.label}`,
    label: scope.label,
    key: scope.dayKey,
    used: scope.used,
    limit: scope.mailsPerDay,
    expected: scope.expectedByEnd,
    held: scope.heldNow.dayLimit,
    passed: scope.passedToday,
    saved: savedOf(scope),
  };
}

function recipientsRow(scope: LimitScopeView): LimitRow {
  return {
    id: limitId(scope.id, 'recipients'),
    scope: scope.id,
    side: 'recipients',
    name: `Recipients of one mail, ${scope.label}`,
    label: scope.label,
    key: scope.recipientsKey,
    used: scope.largestToday,
    limit: scope.recipientsPerMail,
    expected: null,
    held: scope.heldNow.recipientsLimit,
    passed: 0,
    saved: savedOf(scope),
  };
}

/** The scope that the chart shows: the one that is asked for, else the first that has sent today, else the first. */
export function shownScope(view: LimitsView, wanted: string | undefined): LimitScopeView | undefined {
  return (
    view.scopes.find(({ id }) => id === wanted) ?? view.scopes.find(({ used }) => used > 0) ?? view.scopes[0]
  );
}
