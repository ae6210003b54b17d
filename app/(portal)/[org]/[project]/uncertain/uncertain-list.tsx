'use client';

import type { ReactNode } from 'react';
import type { MessageFiltersInput } from '#lib/messages/message-selection.ts';
import { DataTable } from '#app/_components/data-table.tsx';
import type { BulkSelection } from '#app/_components/data-table-model.ts';
import { type Filter, FilterBar } from '#app/_components/filter-bar.tsx';
import type { Pager } from '#app/_components/keyset-pager.tsx';
import { RunButtons } from '../messages/run-buttons.tsx';
import { selectionOf } from '../messages/run-choice.ts';
import { uncertainColumns } from './uncertain-columns.tsx';
import type { UncertainRow } from './uncertain-row.ts';

export type UncertainListProps = {
  organization: string;
  project: string;
  rows: readonly UncertainRow[];
  /** What the address filters by; "all that match" means these. */
  filter: MessageFiltersInput;
  totalMatching: number;
  isTotalCapped: boolean;
  filters: readonly Filter[];
  pager: Pager;
  /** Whether the reader may say what became of them. */
  mayDecide: boolean;
  empty: ReactNode;
};

/** Mails of which nobody knows whether they arrived, with what a person can say of them. */
export function UncertainList({
  organization,
  project,
  filter,
  filters,
  mayDecide,
  ...table
}: UncertainListProps) {
  const bar = (selection: BulkSelection) => (
    <RunButtons
      organization={organization}
      project={project}
      kinds={['mark_sent', 'send_again', 'mark_failed']}
      selection={selectionOf(filter, selection)}
      onDone={selection.clear}
    />
  );
  return (
    <>
      <FilterBar searchLabel="Subject, recipient or Message-ID" searchWidth={280} filters={filters} />
      <DataTable
        label="Uncertain"
        columns={uncertainColumns}
        rowId={(row) => row.id}
        rowName={(row) => `mail to ${row.to}`}
        open={{ param: 'message' }}
        stack="three-rows"
        bulk={mayDecide ? bar : undefined}
        {...table}
      />
    </>
  );
}
