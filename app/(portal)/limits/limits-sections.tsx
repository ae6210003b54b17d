import type { ReactNode } from 'react';
import type { Context } from '#lib/context.ts';
import type { LimitScopeView, LimitsView } from '#lib/limits/limits-view.ts';
import { readLimitHistory } from '#lib/limits/read-limit-history.ts';
import { LimitDesk } from './limit-desk.tsx';
import { limitRows, shownScope } from './limit-rows.ts';
import { LimitsTable, type ShownLimitRow } from './limits-table.tsx';
import { endWords } from './window-words.ts';

export interface LimitsSectionsProps {
  readonly ctx: Context;
  readonly organization: string;
  readonly view: LimitsView;
  /** The row that the address asks to change. */
  readonly wanted: string | undefined;
  /** Where a row is changed. */
  readonly changeHref: (row: string, scope: LimitScopeView) => string;
  /** The page's own address, with nothing to change. */
  readonly closeHref: string;
  /** Where the mails are that a limit holds. */
  readonly heldHref: (scope: LimitScopeView, reason: 'day_limit' | 'recipients_limit') => string;
  /** Why a limit may not be changed here; false where it may. */
  readonly whyNotChange: (scope: LimitScopeView) => string | false;
  /** The scope that the chart shows while none is being changed. */
  readonly preferred?: string | undefined;
  /** Stands beside the chart while nothing is being changed. */
  readonly children: ReactNode;
}

const historyDays = 30;

/** The table of limits, and below it their last 30 days beside the one that is being changed. */
export async function LimitsSections(props: LimitsSectionsProps) {
  const { ctx, view, wanted, changeHref, whyNotChange } = props;
  const scopes = new Map(view.scopes.map((scope) => [scope.id, scope]));
  const rows = limitRows(view.scopes);
  const edited =
    rows.find((row) => {
      const scope = scopes.get(row.scope);
      return row.id === wanted && scope !== undefined && whyNotChange(scope) === false;
    }) ?? null;
  const shown = shownScope(view, edited?.scope ?? props.preferred);
  const history =
    shown === undefined ? [] : await readLimitHistory(ctx, { scope: shown.id, days: historyDays });
  return (
    <>
      <LimitsTable
        rows={rows.map((row): ShownLimitRow => {
          const scope = scopes.get(row.scope);
          const why = scope === undefined ? false : whyNotChange(scope);
          return {
            ...row,
            isEdited: row === edited,
            changeHref: why === false && scope !== undefined ? changeHref(row.id, scope) : null,
            why: why === false ? null : why,
            endsWord: endWords(view.window),
            heldHref:
              scope === undefined
                ? null
                : props.heldHref(scope, row.side === 'day' ? 'day_limit' : 'recipients_limit'),
          };
        })}
      />
      <LimitDesk
        key={edited?.id ?? 'none'}
        organization={props.organization}
        label={shown?.label ?? ''}
        days={history.map(({ day, sent, held, limit }) => ({ day, sent, held, limit }))}
        expected={shown?.expectedByEnd ?? null}
        edited={edited}
        closeHref={props.closeHref}
      >
        {props.children}
      </LimitDesk>
    </>
  );
}
