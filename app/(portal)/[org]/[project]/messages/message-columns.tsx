import type { DataColumn } from '#app/_components/data-table-model.ts';
import { MessageStatePill, Tag } from '#app/_ui/pill.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import type { MessageRow } from './message-row.ts';

export const messageColumns: DataColumn<MessageRow>[] = [
  {
    id: 'state',
    header: 'State',
    width: 118,
    slot: 'state',
    cell: (row) => <MessageStatePill state={row.state} />,
  },
  { id: 'to', header: 'To', width: '26%', slot: 'title', cell: (row) => <Recipients row={row} /> },
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
    width: 124,
    drop: 'first',
    className: 'text-text-2',
    cell: (row) => row.category,
  },
  {
    id: 'tries',
    header: 'Tries',
    width: 56,
    align: 'end',
    drop: 'second',
    cell: (row) => (row.attemptCount === 0 ? <span className="zero">0</span> : row.attemptCount),
  },
  {
    id: 'lastEvent',
    header: 'Last event',
    width: 112,
    align: 'end',
    slot: 'end',
    className: 'text-text-3',
    cell: (row) => <RelativeTime iso={row.stateAt} style="clock" />,
  },
];

function Recipients({ row }: { row: MessageRow }) {
  return (
    <>
      <span className="mono">{row.to}</span>
      {row.others > 0 && <span className="text-text-3"> and {row.others} more</span>}
      {row.share !== null && <span className="text-amber-text">, {row.share} accepted</span>}
    </>
  );
}

function Subject({ row }: { row: MessageRow }) {
  return (
    <>
      {row.subject === '' ? <span className="text-text-3">No subject</span> : row.subject}
      {row.waits !== null && (
        <span className="text-text-3">
          {' '}
          · {row.waits}
          {row.until !== null && (
            <>
              {' '}
              <RelativeTime iso={row.until} />
            </>
          )}
        </span>
      )}
      {row.isRepeated && (
        <>
          {' '}
          <Tag>repeated</Tag>
        </>
      )}
    </>
  );
}
