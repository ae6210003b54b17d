'use client';

import type { WorkerView } from '#lib/queue/read-fleet.ts';
import { DataTable } from '#app/_components/data-table.tsx';
import type { DataColumn } from '#app/_components/data-table-model.ts';
import { formatBytes, formatNumber } from '#app/_ui/format-number.ts';
import { Pill } from '#app/_ui/pill.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { ownWords, rateWords, workerLooks } from './worker-words.ts';

/** One row for each worker: those at work, then those that ended within a day. */
export function WorkersTable({ workers }: { workers: readonly WorkerView[] }) {
  return (
    <DataTable
      label="Workers"
      columns={columns}
      rows={workers}
      rowId={(worker) => worker.id}
      stack="limits"
    />
  );
}

const columns: readonly DataColumn<WorkerView>[] = [
  {
    id: 'host',
    header: 'Worker',
    slot: 'title',
    cell: ({ host, pid, version, memoryBytes }) => (
      <>
        <span className="mono block truncate" title={host}>
          {host}
        </span>
        <small>
          process <span className="mono">{pid}</span>
          {/* Their columns are not on a phone. */}
          <span className="only-phone">
            {memoryBytes > 0 && `, ${formatBytes(memoryBytes)}`}
            {version !== '' && `, version ${version}`}
          </span>
        </small>
      </>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: 112,
    slot: 'state',
    cell: ({ state }) => <Pill look={workerLooks[state]} />,
  },
  {
    id: 'beat',
    header: 'Last beat',
    width: '13%',
    slot: 'line',
    label: 'Last beat',
    cell: (worker) => <LastBeat worker={worker} />,
  },
  {
    id: 'lanes',
    header: 'Lanes held',
    width: '19%',
    slot: 'line2',
    label: 'Lanes',
    cell: ({ lanesHeld, ownProjects }) => (
      <>
        <span className={lanesHeld === 0 ? 'zero' : undefined}>{formatNumber(lanesHeld)}</span>
        {ownProjects.length > 0 && (
          <small className="truncate" title={ownProjects.join(', ')}>
            {ownWords(ownProjects)}
          </small>
        )}
      </>
    ),
  },
  {
    id: 'rate',
    header: 'Mails/s',
    width: 88,
    align: 'end',
    slot: 'end',
    label: 'Mails/s',
    cell: ({ sentPerSecond, sentCount }) => (
      <span
        className={sentPerSecond === 0 ? 'zero' : undefined}
        title={`${formatNumber(sentCount)} sent so far`}
      >
        {rateWords(sentPerSecond)}
      </span>
    ),
  },
  {
    id: 'memory',
    header: 'Memory',
    width: 96,
    align: 'end',
    drop: 'second',
    cell: ({ memoryBytes }) =>
      memoryBytes === 0 ? <span className="zero">–</span> : formatBytes(memoryBytes),
  },
  {
    id: 'version',
    header: 'Version',
    width: '15%',
    drop: 'second',
    cell: ({ version, isOlder }) => (
      <>
        <span className="mono">{version === '' ? '–' : version}</span>
        {isOlder && <small className="text-amber-text">older than the database</small>}
      </>
    ),
  },
  {
    id: 'since',
    header: 'Since',
    width: '12%',
    drop: 'first',
    cell: ({ startedAt }) => <RelativeTime iso={startedAt} />,
  },
];

function LastBeat({ worker: { state, lastBeatAt, endedAt } }: { worker: WorkerView }) {
  return (
    <>
      <RelativeTime iso={lastBeatAt} />
      {endedAt !== null && (
        <small>
          {state === 'lost' ? 'taken over' : 'stopped'} <RelativeTime iso={endedAt} />
        </small>
      )}
    </>
  );
}
