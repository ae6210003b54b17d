'use client';

import { DataTable } from '#app/_components/data-table.tsx';
import type { DataColumn } from '#app/_components/data-table-model.ts';
import { Button, LinkButton } from '#app/_ui/button.tsx';
import { cx } from '#app/_ui/cx.ts';
import { formatNumber } from '#app/_ui/format-number.ts';
import { Meter } from '#app/_ui/meter.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import type { LimitRow } from './limit-rows.ts';

/** A row with what can be done with it. */
export interface ShownLimitRow extends LimitRow {
  readonly isEdited: boolean;
  /** Where it is changed; null where the reader may not. */
  readonly changeHref: string | null;
  readonly why: string | null;
  /** "by midnight". */
  readonly endsWord: string;
  /** The held mails. */
  readonly heldHref: string | null;
}

const nearShare = 0.8;

const columns: readonly DataColumn<ShownLimitRow>[] = [
  { id: 'name', header: 'Limit', width: '24%', slot: 'title', cell: (row) => <Name row={row} /> },
  {
    id: 'gauge',
    header: 'Used today',
    slot: 'line',
    className: 'gauge',
    cell: (row) => <Gauge row={row} />,
  },
  {
    id: 'used',
    header: 'Used of limit',
    width: 148,
    align: 'end',
    slot: 'line2',
    cell: (row) => <Used row={row} />,
  },
  {
    id: 'expected',
    header: 'Expected, held',
    width: 128,
    align: 'end',
    slot: 'end',
    cell: (row) => <ExpectedOrHeld row={row} />,
  },
  {
    id: 'change',
    header: 'Change',
    hideHeader: true,
    width: 116,
    align: 'end',
    slot: 'state',
    cell: (row) => <Change row={row} />,
  },
];

/** Every limit with its use in the running window; the row that is being changed says so. */
export function LimitsTable({ rows }: { rows: readonly ShownLimitRow[] }) {
  return <DataTable label="Limits" columns={columns} rows={rows} rowId={(row) => row.id} stack="limits" />;
}

function Name({ row }: { row: LimitRow }) {
  return (
    <>
      {row.name}
      {row.key !== null && <small className="mono truncate">{row.key}</small>}
    </>
  );
}

function Gauge({ row }: { row: LimitRow }) {
  if (row.limit === null) return <span className="zero">blank: no limit</span>;
  return <Meter tall label={row.name} used={row.used} limit={row.limit} expected={row.expected} />;
}

function Used({ row }: { row: LimitRow }) {
  return (
    <>
      <span className="font-medium">{formatNumber(row.used)}</span>
      {row.limit !== null && <span className="text-text-3"> of {formatNumber(row.limit)}</span>}
      {row.side === 'recipients' && <small>largest today</small>}
      {row.side === 'day' && row.passed > 0 && <small>{formatNumber(row.passed)} past the limit</small>}
    </>
  );
}

function ExpectedOrHeld({ row }: { row: ShownLimitRow }) {
  const isNear = row.expected !== null && row.limit !== null && row.expected > row.limit * nearShare;
  if (row.held > 0) {
    const words = `${formatNumber(row.held)} held`;
    return (
      <span className="font-medium text-violet-text">
        {row.heldHref === null ? (
          words
        ) : (
          <TextLink className="text-violet-text" href={row.heldHref}>
            {words}
          </TextLink>
        )}
      </span>
    );
  }
  if (row.limit === null) return <span className="zero">–</span>;
  if (row.side === 'recipients') return '0 held';
  if (row.expected === null) return <span className="zero">–</span>;
  return (
    <>
      <span className={cx(isNear && 'text-amber-text')}>{formatNumber(row.expected)}</span>
      <small>{row.endsWord}</small>
    </>
  );
}

function Change({ row }: { row: ShownLimitRow }) {
  if (row.isEdited) return <span className="text-xs font-medium text-accent-text">editing</span>;
  if (row.changeHref === null) return row.why !== null && <Button why={row.why}>Change</Button>;
  return (
    <LinkButton href={row.changeHref} scroll={false} aria-label={`Change ${row.name}`}>
      Change
    </LinkButton>
  );
}
