'use client';

import { useState } from 'react';
import type { FloodAllowanceView } from '#lib/flood/read-flood.ts';
import { DataTable } from '#app/_components/data-table.tsx';
import type { DataColumn } from '#app/_components/data-table-model.ts';
import { Button } from '#app/_ui/button.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { endFloodAllowanceAction } from './actions.ts';

interface AllowancesProps {
  readonly organization: string;
  readonly project: string;
  readonly allowances: readonly FloodAllowanceView[];
  readonly why: string | false;
}

type Row = FloodAllowanceView & Pick<AllowancesProps, 'organization' | 'project' | 'why'>;

const columns: readonly DataColumn<Row>[] = [
  {
    id: 'label',
    header: 'Mail that is let through',
    slot: 'title',
    cell: ({ label }) => (
      <span className="block truncate" title={label}>
        {label}
      </span>
    ),
  },
  {
    id: 'until',
    header: 'Until',
    width: 128,
    slot: 'line',
    label: 'Until',
    cell: ({ until }) => (until === null ? 'for ever' : <RelativeTime iso={until} style="clock" />),
  },
  {
    id: 'by',
    header: 'By',
    width: '22%',
    drop: 'second',
    slot: 'line2',
    cell: ({ createdBy, createdAt }) => (
      <span className="block truncate">
        {createdBy}, <RelativeTime iso={createdAt} />
      </span>
    ),
  },
  {
    id: 'end',
    header: 'End',
    hideHeader: true,
    width: 128,
    align: 'end',
    slot: 'state',
    cell: (row) => <EndButton row={row} />,
  },
];

/** What people found fine: mail of these shapes passes the breaker. */
export function AllowancesTable({ allowances, ...shared }: AllowancesProps) {
  const rows = allowances.map((allowance) => ({ ...allowance, ...shared }));
  return <DataTable label="Let through" columns={columns} rows={rows} rowId={({ shape }) => shape} />;
}

function EndButton({ row }: { row: Row }) {
  const { organization, project, shape, label, why } = row;
  const [isPending, setIsPending] = useState(false);
  async function end() {
    setIsPending(true);
    const result = await endFloodAllowanceAction(organization, { project, shape }).catch(() => null);
    setIsPending(false);
    if (result?.ok === true) showToast({ title: 'It is counted as any other mail again' });
    else
      showToast({
        title: result?.error.message ?? 'The portal does not answer.',
        glyph: 'failed',
        tone: 'red',
      });
  }
  return (
    <Button
      why={why}
      pending={isPending && 'Ending…'}
      aria-label={`Hold ${label} again`}
      onClick={() => void end()}
    >
      Hold again
    </Button>
  );
}
