'use client';

import type { DataColumn } from '../../../_components/data-table-model.ts';
import { DataTable } from '../../../_components/data-table.tsx';
import { Mono } from '../../../_ui/machine-words.tsx';
import { RelativeTime } from '../../../_ui/time.tsx';

export interface FailureRow {
  readonly id: string;
  readonly href: string;
  readonly subject: string;
  readonly recipient: string;
  readonly at: string;
  /** The server's own words. */
  readonly words: string;
}

const columns: readonly DataColumn<FailureRow>[] = [
  {
    id: 'subject',
    header: 'Subject',
    width: '28%',
    slot: 'title',
    cell: (row) => row.subject || <span className="text-text-3">no subject</span>,
  },
  {
    id: 'recipient',
    header: 'To',
    width: '22%',
    drop: 'second',
    cell: (row) => <Mono>{row.recipient}</Mono>,
  },
  {
    id: 'words',
    header: 'The server said',
    slot: 'line',
    cell: (row) => <Mono className="text-text-2">{row.words}</Mono>,
  },
  {
    id: 'at',
    header: 'Failed',
    width: 120,
    align: 'end',
    slot: 'state',
    cell: (row) => <RelativeTime iso={row.at} />,
  },
];

const openMessage = { href: (row: FailureRow) => row.href };

export function FailuresTable({ rows }: { rows: readonly FailureRow[] }) {
  return (
    <DataTable
      label="Last failures"
      columns={columns}
      rows={rows}
      rowId={(row) => row.id}
      open={openMessage}
      stack="two-lines"
    />
  );
}
