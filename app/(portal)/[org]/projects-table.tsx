'use client';

import type { DataColumn } from '../../_components/data-table-model.ts';
import { DataTable } from '../../_components/data-table.tsx';
import { DayStrip, type HourCounts } from '../../_ui/day-strip.tsx';
import { formatNumber } from '../../_ui/format-number.ts';
import { ProjectStatePill } from '../../_ui/pill.tsx';
import type { ShownProjectState } from '../../_ui/state-labels.ts';
import { TextLink } from '../../_ui/text-link.tsx';
import { RelativeTime } from '../../_ui/time.tsx';

/** A row as plain data; texts and links are made by the page. */
export interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly href: string;
  readonly state: ShownProjectState;
  readonly server: string | null;
  /** Where to set the mail up, for a project that is not. */
  readonly setUpHref: string | null;
  readonly hours: readonly HourCounts[];
  readonly sentToday: number;
  readonly failedToday: number;
  readonly waiting: number;
  readonly oldestWaitingAt: string | null;
  readonly isOldestLate: boolean;
}

function Count({ value }: { value: number }) {
  return <span className={value === 0 ? 'zero' : undefined}>{formatNumber(value)}</span>;
}

function OldestWaiting({ row }: { row: ProjectRow }) {
  if (row.oldestWaitingAt === null) return <span className="zero">–</span>;
  return (
    <RelativeTime
      iso={row.oldestWaitingAt}
      style="elapsed"
      className={row.isOldestLate ? 'text-red-text' : undefined}
    />
  );
}

const columns: readonly DataColumn<ProjectRow>[] = [
  {
    id: 'name',
    header: 'Project',
    slot: 'title',
    cell: (row) => <span className="font-medium">{row.name}</span>,
  },
  {
    id: 'state',
    header: 'State',
    width: 124,
    slot: 'state',
    cell: (row) => <ProjectStatePill state={row.state} />,
  },
  {
    id: 'server',
    header: 'Transport',
    width: 244,
    drop: 'first',
    cell: (row) =>
      row.server === null ? (
        row.setUpHref !== null && <TextLink href={row.setUpHref}>Set up mail</TextLink>
      ) : (
        <>
          <span className="text-text-3">SMTP</span> <span className="mono text-text-2">{row.server}</span>
        </>
      ),
  },
  {
    id: 'hours',
    header: 'Last 24 hours',
    width: 116,
    slot: 'line',
    cell: (row) => <DayStrip hours={row.hours} label="Mails an hour over the last 24 hours" />,
  },
  {
    id: 'sent',
    header: 'Sent today',
    width: 92,
    align: 'end',
    cell: (row) => <Count value={row.sentToday} />,
  },
  {
    id: 'failed',
    header: 'Failed today',
    width: 100,
    align: 'end',
    drop: 'second',
    cell: (row) => <Count value={row.failedToday} />,
  },
  {
    id: 'waiting',
    header: 'Waiting',
    width: 84,
    align: 'end',
    slot: 'end',
    label: 'Waiting',
    cell: (row) => <Count value={row.waiting} />,
  },
  {
    id: 'oldest',
    header: 'Oldest waiting',
    width: 124,
    align: 'end',
    drop: 'second',
    cell: (row) => <OldestWaiting row={row} />,
  },
];

const openProject = { href: (row: ProjectRow) => row.href };

/** All projects, sorted by trouble on the server. */
export function ProjectsTable({ rows }: { rows: readonly ProjectRow[] }) {
  return (
    <DataTable
      label="Projects"
      columns={columns}
      rows={rows}
      rowId={(row) => row.id}
      open={openProject}
      stack="two-lines"
    />
  );
}
