'use client';

import { CirclePlay, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import { DataTable } from '#app/_components/data-table.tsx';
import type { BulkSelection } from '#app/_components/data-table-model.ts';
import { type Filter, FilterBar } from '#app/_components/filter-bar.tsx';
import type { Pager } from '#app/_components/keyset-pager.tsx';
import { Button } from '#app/_ui/button.tsx';
import { messageColumns } from './message-columns.tsx';
import type { MessageRow } from './message-row.ts';
import { useBulkMessages } from './use-bulk-messages.ts';

export type MessageListProps = {
  organization: string;
  project: string;
  rows: readonly MessageRow[];
  pager: Pager;
  filters: readonly Filter[];
  /** Whether the reader may cancel mails and try them now. */
  mayAct: boolean;
  empty: ReactNode;
};

/** The messages of a project, newest first; a row opens its panel. */
export function MessageList({ organization, project, mayAct, filters, ...table }: MessageListProps) {
  const bulk = useBulkMessages(organization, project);
  const selectionBar = ({ ids, clear }: BulkSelection) => (
    <>
      <Button
        variant="lead"
        icon={CirclePlay}
        pending={bulk.pending === 'try_now' && 'Trying…'}
        onClick={() => bulk.run('try_now', ids, clear)}
      >
        Try now
      </Button>
      <Button
        icon={CircleX}
        pending={bulk.pending === 'cancel' && 'Cancelling…'}
        onClick={() => bulk.run('cancel', ids, clear)}
      >
        Cancel mails
      </Button>
    </>
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
        bulk={mayAct ? selectionBar : undefined}
        {...table}
      />
    </>
  );
}
