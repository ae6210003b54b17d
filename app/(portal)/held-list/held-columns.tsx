import type { HeldState } from '#lib/backlog/schemas.ts';
import { holdReasonFacts, type HoldReason } from '#lib/policy/hold-reasons.ts';
import type { DataColumn } from '#app/_components/data-table-model.ts';
import { formatBytes, formatNumber } from '#app/_ui/format-number.ts';
import { Glyph, type GlyphName } from '#app/_ui/glyph.tsx';
import { Pill, Tag } from '#app/_ui/pill.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import type { HeldRow } from './held-row.ts';

const glyphs = {
  day_limit: 'backlog',
  quota: 'backlog',
  recipients_limit: 'backlog',
  flood: 'soon',
  by_hand: 'paused',
} as const satisfies Record<HoldReason, GlyphName>;

function reasonWords({ reason, recipients, recipientsLimit }: HeldRow): string {
  if (reason !== 'recipients_limit') return holdReasonFacts[reason].label;
  const limit = recipientsLimit === null ? 'too many' : `limit ${formatNumber(recipientsLimit)}`;
  return `${formatNumber(recipients)} recipients, ${limit}`;
}

/** Why a mail waits. On a page that is all backlog the words are quiet; what asks to be looked at is loud. */
function ReasonPill({ row }: { row: HeldRow }) {
  if (row.reason === 'flood') {
    return <Pill look={{ word: reasonWords(row), glyph: glyphs.flood, tone: 'amber', weight: 'loud' }} />;
  }
  return (
    <span className="pill held">
      <Glyph name={glyphs[row.reason]} />
      {reasonWords(row)}
    </span>
  );
}

function Recipient({ row }: { row: HeldRow }) {
  return (
    <>
      <span className="mono">{row.to}</span>
      {row.others > 0 && <span className="others text-text-3"> and {formatNumber(row.others)} more</span>}
    </>
  );
}

function Subject({ row }: { row: HeldRow }) {
  return (
    <>
      {row.subject === '' ? <span className="text-text-3">No subject</span> : row.subject}
      {row.priority !== 'normal' && (
        <>
          {' '}
          <Tag>{row.priority}</Tag>
        </>
      )}
    </>
  );
}

function Expiry({ row }: { row: HeldRow }) {
  if (row.expiresAt === null) return <span className="zero">never</span>;
  return (
    <RelativeTime
      iso={row.expiresAt}
      style="left"
      className={row.expiresSoon ? 'text-amber-text' : 'text-text-2'}
    />
  );
}

const recipient: DataColumn<HeldRow> = {
  id: 'to',
  header: 'To',
  slot: 'title',
  cell: (row) => <Recipient row={row} />,
};

const shared: readonly DataColumn<HeldRow>[] = [
  {
    id: 'subject',
    header: 'Subject',
    slot: 'line',
    className: 'text-text-2',
    cell: (row) => <Subject row={row} />,
  },
  {
    id: 'category',
    header: 'Category',
    width: 112,
    drop: 'first',
    className: 'text-text-2',
    cell: (row) => row.category,
  },
  {
    id: 'recipients',
    header: 'Recipients',
    width: 96,
    align: 'end',
    drop: 'second',
    sortable: true,
    cell: (row) => formatNumber(row.recipients),
  },
  {
    id: 'size',
    header: 'Size',
    width: 76,
    align: 'end',
    drop: 'second',
    sortable: true,
    className: 'text-text-2',
    cell: (row) => formatBytes(row.sizeBytes),
  },
];

const project: DataColumn<HeldRow> = {
  id: 'project',
  header: 'Project',
  width: 116,
  slot: 'line2',
  className: 'text-text-2',
  cell: (row) => row.project,
};

/** The columns of a list: with the project where it shows several, with the expiry where mails can expire. */
export function heldColumns(state: HeldState, showsProject: boolean): DataColumn<HeldRow>[] {
  const held: DataColumn<HeldRow> = {
    id: 'held',
    header: state === 'backlog' ? 'Held' : 'Suspended',
    width: 104,
    slot: 'end',
    sortable: true,
    className: 'text-text-2',
    cell: (row) => <RelativeTime iso={row.heldAt} style="clock" />,
  };
  const reason: DataColumn<HeldRow> = {
    id: 'reason',
    header: state === 'backlog' ? 'Why it waits' : 'Why it was held',
    width: '15.5%',
    slot: 'state',
    cell: (row) => <ReasonPill row={row} />,
  };
  const expires: DataColumn<HeldRow> = {
    id: 'expires',
    header: 'Expires in',
    width: 108,
    align: 'end',
    sortable: true,
    cell: (row) => <Expiry row={row} />,
  };
  return [
    held,
    reason,
    ...(showsProject ? [project] : []),
    { ...recipient, width: showsProject ? '14%' : '19%' },
    ...shared,
    ...(state === 'backlog' ? [expires] : []),
  ];
}
