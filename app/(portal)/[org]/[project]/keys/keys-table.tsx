'use client';

import { useMemo } from 'react';
import type { KeyView } from '#lib/keys/list-keys.ts';
import type { DataColumn } from '../../../../_components/data-table-model.ts';
import { DataTable } from '../../../../_components/data-table.tsx';
import { EmptyState } from '../../../../_ui/empty-state.tsx';
import { Mono } from '../../../../_ui/machine-words.tsx';
import { Tag } from '../../../../_ui/pill.tsx';
import { RelativeTime } from '../../../../_ui/time.tsx';
import { ConfirmActionButton } from '../../../action-button.tsx';
import { revokeKey } from './actions.ts';
import { modeWord, scopeWords } from './key-words.ts';

export interface KeysTableProps {
  readonly organization: string;
  readonly project: string;
  readonly rows: readonly KeyView[];
  /** Why the reader may not revoke. */
  readonly why: string | false;
}

function End({ row }: { row: KeyView }) {
  switch (row.state) {
    case 'revoked':
      return (
        <span className="text-text-3">
          revoked {row.revokedAt !== null && <RelativeTime iso={row.revokedAt} />}
        </span>
      );
    case 'expired':
      return (
        <span className="text-red-text">
          ended {row.expiresAt !== null && <RelativeTime iso={row.expiresAt} />}
        </span>
      );
    case 'active':
      return row.expiresAt === null ? (
        <span className="text-text-3">never</span>
      ) : (
        <RelativeTime iso={row.expiresAt} style="date" />
      );
    default:
      return row.state satisfies never;
  }
}

function LastUsed({ at }: { at: string | null }) {
  return at === null ? <span className="text-text-3">never</span> : <RelativeTime iso={at} />;
}

const readColumns: readonly DataColumn<KeyView>[] = [
  {
    id: 'name',
    header: 'Name',
    slot: 'title',
    cell: (row) => <span className={row.state === 'active' ? 'font-medium' : 'text-text-3'}>{row.name}</span>,
  },
  {
    id: 'token',
    header: 'Ends in',
    width: 88,
    slot: 'state',
    cell: (row) => <Mono className="text-text-2">…{row.lastFour}</Mono>,
  },
  {
    id: 'scopes',
    header: 'May',
    width: 140,
    slot: 'line',
    cell: (row) => scopeWords(row.scopes),
  },
  {
    id: 'mode',
    header: 'Sending mode',
    width: 130,
    drop: 'first',
    cell: (row) =>
      row.sendingMode === null ? (
        <span className="text-text-3">the project's</span>
      ) : (
        <Tag>{modeWord(row.sendingMode.kind)}</Tag>
      ),
  },
  {
    id: 'created',
    header: 'Created by',
    width: 196,
    drop: 'first',
    cell: (row) => row.createdBy,
  },
  {
    id: 'created-at',
    header: 'Created',
    width: 100,
    drop: 'first',
    cell: (row) => <RelativeTime iso={row.createdAt} className="text-text-2" />,
  },
  {
    id: 'used',
    header: 'Last used',
    width: 110,
    slot: 'line2',
    label: 'used',
    cell: (row) => <LastUsed at={row.lastUsedAt} />,
  },
  { id: 'end', header: 'Ends', width: 130, cell: (row) => <End row={row} /> },
];

function revokeColumn({ organization, project, why }: KeysTableProps): DataColumn<KeyView> {
  return {
    id: 'revoke',
    header: 'Revoke',
    hideHeader: true,
    width: 110,
    align: 'end',
    slot: 'end',
    cell: (row) =>
      row.state === 'revoked' ? null : (
        <ConfirmActionButton
          run={() => revokeKey(organization, { project, key: row.id })}
          variant="quiet-danger"
          why={why}
          title={`Revoke ${row.name}?`}
          description={`The key that ends in ${row.lastFour} is refused from the next call on, for good. Mail that it has handed over stays and goes out.`}
          confirmLabel="Revoke key"
          confirmVariant="danger"
          pendingLabel="Revoking…"
          done={`${row.name} is revoked`}
        >
          Revoke
        </ConfirmActionButton>
      ),
  };
}

/** The project's keys, newest first, those that have ended too. */
export function KeysTable(props: KeysTableProps) {
  const { organization, project, why, rows } = props;
  const columns = useMemo(
    () => [...readColumns, revokeColumn({ organization, project, why, rows: [] })],
    [organization, project, why],
  );
  return (
    <DataTable
      label="API keys"
      columns={columns}
      rows={rows}
      rowId={(row) => row.id}
      stack="two-lines"
      empty={
        <EmptyState kind="nothing-yet" title="No key yet">
          Create one and put it into the program that sends mail. A test call shows it here as used.
        </EmptyState>
      }
    />
  );
}
