'use client';

import { useMemo } from 'react';
import type { AuditEntryView } from '#lib/audit/list-audit-entries.ts';
import type { DataColumn } from '../../_components/data-table-model.ts';
import { DataTable } from '../../_components/data-table.tsx';
import { EmptyState } from '../../_ui/empty-state.tsx';
import { formatCount } from '../../_ui/format-number.ts';
import { Mono } from '../../_ui/machine-words.tsx';
import { RelativeTime } from '../../_ui/time.tsx';
import { historyParams } from './history-query.ts';

const columns: readonly DataColumn<AuditEntryView>[] = [
  {
    id: 'at',
    header: 'When',
    width: 128,
    slot: 'state',
    cell: (row) => <RelativeTime iso={row.at} style="clock" className="text-text-2" />,
  },
  {
    id: 'by',
    header: 'Who',
    width: 196,
    slot: 'title',
    cell: (row) => <span className="font-medium">{row.by}</span>,
  },
  { id: 'words', header: 'Did what', slot: 'line', cell: (row) => row.words },
  {
    id: 'object',
    header: 'To what',
    width: '24%',
    drop: 'second',
    cell: (row) => row.object.label ?? <span className="text-text-3">–</span>,
  },
  {
    id: 'project',
    header: 'Project',
    width: 150,
    drop: 'first',
    cell: (row) => row.project?.name ?? <span className="text-text-3">–</span>,
  },
  {
    id: 'source',
    header: 'From',
    width: 140,
    drop: 'first',
    cell: (row) => <Mono className="text-text-2">{row.sourceIp ?? '–'}</Mono>,
  },
];

const openEntry = { param: historyParams.entry };

export interface HistoryTableProps {
  readonly rows: readonly AuditEntryView[];
  readonly showsProject: boolean;
  readonly isFiltered: boolean;
  readonly older: string | null;
  readonly newer: string | null;
}

/** The entries, newest first; a row opens its details beside the list. */
export function HistoryTable({ rows, showsProject, isFiltered, older, newer }: HistoryTableProps) {
  const shown = useMemo(() => columns.filter(({ id }) => showsProject || id !== 'project'), [showsProject]);
  return (
    <DataTable
      label="History"
      columns={shown}
      rows={rows}
      rowId={(row) => row.id}
      open={openEntry}
      stack="two-lines"
      pager={{
        summary: `${formatCount(rows.length, 'entry', 'entries')} on this page, newest first`,
        nextCursor: older ?? undefined,
        previousCursor: newer ?? undefined,
      }}
      empty={
        isFiltered ? (
          <EmptyState kind="nothing-matches" title="No entry matches">
            Take a filter away to see more.
          </EmptyState>
        ) : (
          <EmptyState kind="nothing-yet" title="Nothing has happened yet">
            Every change will stand here: who, what, when and from where.
          </EmptyState>
        )
      }
    />
  );
}
