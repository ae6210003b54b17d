'use client';

import type { ReactNode } from 'react';
import type { MessageFiltersInput } from '#lib/messages/message-selection.ts';
import { DataTable } from '#app/_components/data-table.tsx';
import type { BulkSelection } from '#app/_components/data-table-model.ts';
import { type Filter, FilterBar } from '#app/_components/filter-bar.tsx';
import type { Pager } from '#app/_components/keyset-pager.tsx';
import { messageColumns } from './message-columns.tsx';
import type { MessageRow } from './message-row.ts';
import { SelectionBar } from './selection-bar.tsx';

export type MessageListProps = {
  organization: string;
  project: string;
  rows: readonly MessageRow[];
  pager: Pager;
  filters: readonly Filter[];
  /** What the address filters by; "all that match" means these. */
  filter: MessageFiltersInput;
  totalMatching: number;
  isTotalCapped: boolean;
  /** Whether the reader may cancel mails, release them and try them now. */
  mayAct: boolean;
  empty: ReactNode;
};

/** The messages of a project, newest first; a row opens its panel. */
export function MessageList({ organization, project, mayAct, filters, filter, ...table }: MessageListProps) {
  const bar = (selection: BulkSelection) => (
    <SelectionBar
      organization={organization}
      project={project}
      selection={selection}
      filter={filter}
      rows={table.rows}
    />
  );
  return (
    <>
      <FilterBar searchLabel="Subject, recipient or Message-ID" searchWidth={280} filters={filters} />
      <DataTable
        label="Messages"
        columns={messageColumns}
        rowId={(row) => row.id}
        rowName={(row) => `mail to ${row.to}`}
        open={{ param: 'message' }}
        bulk={mayAct ? bar : undefined}
        {...table}
      />
    </>
  );
}
