'use client';

import { type ReactNode, useMemo } from 'react';
import type { HeldState } from '#lib/backlog/schemas.ts';
import type { HeldFiltersInput } from '#lib/backlog/schemas.ts';
import { DataTable } from '#app/_components/data-table.tsx';
import type { BulkSelection } from '#app/_components/data-table-model.ts';
import { type Filter, FilterBar } from '#app/_components/filter-bar.tsx';
import type { Pager } from '#app/_components/keyset-pager.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { HeldBar } from './held-bar.tsx';
import { mostFileIds } from './held-file-limit.ts';
import { choiceOf } from './held-choice.ts';
import { heldColumns } from './held-columns.tsx';
import type { HeldRow } from './held-row.ts';

export type HeldListProps = {
  organization: string;
  /** What bulk actions work on: a project's short name, or (null) every project. */
  project: string | null;
  state: HeldState;
  showsProject: boolean;
  rows: readonly HeldRow[];
  /** What the address filters by; "all that match" means these. */
  filter: HeldFiltersInput;
  matching: { readonly mails: number; readonly isCapped: boolean };
  isFiltered: boolean;
  filters: readonly Filter[];
  pager: Pager;
  fileHref: string;
  /** Whether the reader may have whole mails. */
  readsContent: boolean;
  /** Whether the reader may resume and suspend. */
  mayAct: boolean;
  empty: ReactNode;
};

/** Held mails, oldest first, with everything that can be done with them. */
export function HeldList({ organization, project, state, filter, matching, ...list }: HeldListProps) {
  const columns = useMemo(() => heldColumns(state, list.showsProject), [state, list.showsProject]);
  const bar = (selection: BulkSelection) => (
    <HeldBar
      organization={organization}
      state={state}
      choice={choiceOf(project, filter, selection)}
      floodIds={floodIdsOf(list.rows, selection)}
      fileHref={chosenFileHref(list.fileHref, selection)}
      readsContent={list.readsContent}
      clear={selection.clear}
    />
  );
  return (
    <>
      <FilterBar searchLabel="Search to, subject, id" searchWidth={216} filters={list.filters}>
        <span className="flex-1" />
        {list.isFiltered && (
          <span className="no-phone text-xs text-text-3">
            {formatNumber(matching.mails)}
            {matching.isCapped && '+'} match
          </span>
        )}
      </FilterBar>
      <DataTable
        label={state === 'backlog' ? 'Backlog' : 'Suspended'}
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        rowName={(row) => `mail to ${row.to}`}
        open={openMessage}
        defaultSort="held"
        bulk={list.mayAct ? bar : undefined}
        totalMatching={matching.mails}
        isTotalCapped={matching.isCapped}
        pager={list.pager}
        empty={list.empty}
        stack="held"
      />
    </>
  );
}

/** The ticked mails when all of them are held as a flood; else none. */
function floodIdsOf(rows: readonly HeldRow[], { ids, allMatching }: BulkSelection): readonly string[] {
  const floods = new Set(rows.filter(({ reason }) => reason === 'flood').map(({ id }) => id));
  return !allMatching && ids.every((id) => floods.has(id)) ? ids : [];
}

const openMessage = { param: 'message' } as const;

/** The file of the chosen mails; null where they are too many for its address. */
function chosenFileHref(href: string, { ids, allMatching, except }: BulkSelection): string | null {
  const named = allMatching ? except : ids;
  if (named.length > mostFileIds) return null;
  if (named.length === 0) return href;
  return `${href}${href.includes('?') ? '&' : '?'}${allMatching ? 'except' : 'ids'}=${named.join(',')}`;
}
