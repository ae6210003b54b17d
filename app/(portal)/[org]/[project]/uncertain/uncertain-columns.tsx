import type { DataColumn } from '#app/_components/data-table-model.ts';
import { Glyph } from '#app/_ui/glyph.tsx';
import { Mono } from '#app/_ui/machine-words.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import type { UncertainRow } from './uncertain-row.ts';

export const uncertainColumns: DataColumn<UncertainRow>[] = [
  {
    id: 'to',
    header: 'To',
    width: '21%',
    slot: 'title',
    cell: (row) => (
      <>
        <Glyph name="uncertain" tone="amber" /> <span className="mono">{row.to}</span>
        {row.others > 0 && <span className="text-text-3"> and {row.others} more</span>}
      </>
    ),
  },
  {
    id: 'subject',
    header: 'Subject',
    width: '22%',
    slot: 'line',
    className: 'text-text-2',
    cell: (row) => (row.subject === '' ? <span className="text-text-3">No subject</span> : row.subject),
  },
  {
    id: 'known',
    header: 'What is known',
    slot: 'line2',
    className: 'text-text-2',
    cell: (row) => (
      <>
        {row.happened}
        {row.said !== null && (
          <>
            {' '}
            <Mono>{row.said}</Mono>
          </>
        )}
      </>
    ),
  },
  {
    id: 'tries',
    header: 'Tries',
    width: 56,
    align: 'end',
    drop: 'second',
    cell: (row) => row.tries,
  },
  {
    id: 'since',
    header: 'In doubt since',
    width: 124,
    align: 'end',
    slot: 'end',
    className: 'text-text-3',
    cell: (row) => <RelativeTime iso={row.stateAt} style="clock" />,
  },
];
