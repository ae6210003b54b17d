'use client';

import type { DataColumn } from '../../_components/data-table-model.ts';
import { DataTable } from '../../_components/data-table.tsx';
import { DayStrip, type HourCounts } from '../../_ui/day-strip.tsx';
import { formatNumber } from '../../_ui/format-number.ts';
import { Meter } from '../../_ui/meter.tsx';
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
  readonly server: { readonly transport: string; readonly address: string } | null;
  /** Where to set the mail up, for a project that is not. */
  readonly setUpHref: string | null;
  readonly hours: readonly HourCounts[];
  readonly sentToday: number;
  readonly waiting: number;
  readonly backlog: number;
  /** The daily limit that it comes nearest to. */
  readonly dayLimit: { readonly used: number; readonly limit: number } | null;
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

function LimitUse({ row }: { row: ProjectRow }) {
  if (row.server === null) return null;
  if (row.dayLimit === null) return <span className="zero">No limit</span>;
  const { used, limit } = row.dayLimit;
  return (
    <span className="use">
      <Meter label={`Daily limit of ${row.name}`} used={used} limit={limit} />
      <span>{Math.floor((used / limit) * 100)}%</span>
    </span>
  );
}

const columns: readonly DataColumn<ProjectRow>[] = [
  {
    id: 'name',
    header: 'Project',
    width: 170,
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
    drop: 'first',
    cell: (row) =>
      row.server === null ? (
        row.setUpHref !== null && <TextLink href={row.setUpHref}>Set up mail</TextLink>
      ) : (
        <>
          <span className="text-text-3">{row.server.transport}</span>{' '}
          <span className="mono text-text-2">{row.server.address}</span>
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
    id: 'waiting',
    header: 'Waiting',
    width: 84,
    align: 'end',
    slot: 'end',
    label: 'Waiting',
    cell: (row) => <Count value={row.waiting} />,
  },
  {
    id: 'backlog',
    header: 'Backlog',
    width: 84,
    align: 'end',
    drop: 'second',
    cell: (row) =>
      row.backlog === 0 ? (
        <span className="zero">0</span>
      ) : (
        <span className="font-medium text-violet-text">{formatNumber(row.backlog)}</span>
      ),
  },
  {
    id: 'oldest',
    header: 'Oldest waiting',
    width: 124,
    align: 'end',
    drop: 'second',
    cell: (row) => <OldestWaiting row={row} />,
  },
  {
    id: 'limit',
    header: 'Daily limit',
    width: 140,
    drop: 'first',
    cell: (row) => <LimitUse row={row} />,
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
