'use client';

import type { InboxEntry } from '#lib/inbox/inbox-folder.ts';
import type { DataColumn } from '../../_components/data-table-model.ts';
import { DataTable } from '../../_components/data-table.tsx';
import type { Pager } from '../../_components/keyset-pager.tsx';
import { EmptyState } from '../../_ui/empty-state.tsx';
import { formatBytes } from '../../_ui/format-number.ts';
import { RelativeTime } from '../../_ui/time.tsx';
import { takenBy } from './taken-by.ts';

const columns: readonly DataColumn<InboxEntry>[] = [
  {
    id: 'to',
    header: 'To',
    width: '26%',
    slot: 'title',
    className: 'mono',
    cell: (mail) => recipients(mail.envelopeTo),
  },
  {
    id: 'from',
    header: 'From',
    width: '26%',
    drop: 'second',
    className: 'text-text-2',
    cell: (mail) => mail.from,
  },
  { id: 'subject', header: 'Subject', slot: 'line', cell: (mail) => mail.subject || '(no subject)' },
  {
    id: 'via',
    header: 'Taken by',
    width: 120,
    drop: 'first',
    className: 'text-text-2',
    cell: (mail) => takenBy[mail.via],
  },
  {
    id: 'size',
    header: 'Size',
    width: 80,
    align: 'end',
    drop: 'first',
    className: 'text-text-3',
    cell: (mail) => formatBytes(mail.sizeBytes),
  },
  {
    id: 'receivedAt',
    header: 'Received',
    width: 108,
    align: 'end',
    slot: 'end',
    className: 'text-text-3',
    cell: (mail) => <RelativeTime iso={mail.receivedAt} />,
  },
];

function recipients(addresses: readonly string[]): string {
  const [first = '', ...others] = addresses;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** The mails of the built-in inbox; a row opens its mail beside the list. */
export function InboxTable({ rows, pager }: { rows: readonly InboxEntry[]; pager: Pager }) {
  return (
    <DataTable
      label="Inbox"
      columns={columns}
      rows={rows}
      rowId={(mail) => mail.id}
      open={{ param: 'mail' }}
      pager={pager}
      empty={
        <EmptyState kind="nothing-yet" title="No mail has arrived yet">
          Send a test mail from a project’s mail settings, and it appears here.
        </EmptyState>
      }
    />
  );
}
