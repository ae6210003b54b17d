'use client';

import type { PoolView } from '#lib/pools/list-pools.ts';
import { poolKindLabels, rateWords, slowWords } from '#lib/pools/labels.ts';
import { poolPresets } from '#lib/pools/presets.ts';
import { paths } from '#lib/paths.ts';
import { DataTable } from '#app/_components/data-table.tsx';
import type { DataColumn } from '#app/_components/data-table-model.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';
import { Glyph } from '#app/_ui/glyph.tsx';
import { Meter } from '#app/_ui/meter.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';

/** The pools with what each does now. */
export function PoolsTable({ organization, pools }: { organization: string; pools: readonly PoolView[] }) {
  return (
    <DataTable
      label="Pools"
      columns={columns(organization)}
      rows={pools}
      rowId={(pool) => pool.id}
      stack="limits"
    />
  );
}

function columns(organization: string): readonly DataColumn<PoolView>[] {
  return [
    { id: 'name', header: 'Pool', width: '20%', slot: 'title', cell: (pool) => <Name pool={pool} /> },
    { id: 'pace', header: 'Pace now', width: '27%', slot: 'line', cell: (pool) => <Pace pool={pool} /> },
    {
      id: 'recipients',
      header: 'Recipients in 24 hours',
      className: 'gauge',
      slot: 'line2',
      cell: (pool) => <Recipients pool={pool} />,
    },
    {
      id: 'connections',
      header: 'Connections',
      width: 112,
      align: 'end',
      drop: 'second',
      cell: (pool) => <Connections pool={pool} />,
    },
    {
      id: 'projects',
      header: 'Projects',
      width: '15%',
      drop: 'first',
      slot: 'end',
      cell: (pool) => <Projects pool={pool} />,
    },
    {
      id: 'change',
      header: 'Open',
      hideHeader: true,
      width: 104,
      align: 'end',
      slot: 'state',
      cell: (pool) => (
        <LinkButton href={paths.pool(organization, pool.id)} aria-label={`Open ${pool.name}`}>
          Open
        </LinkButton>
      ),
    },
  ];
}

function Name({ pool }: { pool: PoolView }) {
  const preset = poolPresets.find(({ id }) => id === pool.preset);
  return (
    <>
      {pool.name}
      <small className="truncate">
        {poolKindLabels[pool.kind].label}, {preset?.name ?? pool.preset}
      </small>
    </>
  );
}

function Pace({ pool }: { pool: PoolView }) {
  const { stopped, nextAt } = pool;
  const slowed = slowWords(pool);
  if (stopped !== null) {
    return (
      <>
        <span className="row text-amber-text">
          <Glyph name="retrying" tone="amber" /> Asked to wait until{' '}
          <RelativeTime iso={stopped.until} style="clock" />
        </span>
        <small className="mono truncate" title={stopped.reply ?? undefined}>
          {stopped.reply ?? stopped.code}
        </small>
      </>
    );
  }
  return (
    <>
      {rateWords(pool.usable)}
      <small className="truncate">
        {pool.isPacing && nextAt !== null ? (
          <>
            pacing, next at <RelativeTime iso={nextAt} style="clock" />
          </>
        ) : (
          `${formatCount(pool.used.mailsLastMinute, 'mail')} in the last minute`
        )}
        {slowed !== null && <span className="text-amber-text">, {slowed}</span>}
      </small>
    </>
  );
}

function Recipients({ pool }: { pool: PoolView }) {
  const { recipientsPerDay } = pool.usable;
  const used = pool.used.recipientsLastDay;
  if (recipientsPerDay === null) return <span className="zero">no quota, {formatNumber(used)} so far</span>;
  return (
    <>
      <Meter tall label={`Recipients of ${pool.name}`} used={used} limit={Math.max(1, recipientsPerDay)} />
      <small>
        <b className="font-medium text-text">{formatNumber(used)}</b> of {formatNumber(recipientsPerDay)}
        {recipientsPerDay !== pool.figures.recipientsPerDay &&
          `, ${formatNumber((pool.figures.recipientsPerDay ?? 0) - recipientsPerDay)} left to others`}
      </small>
    </>
  );
}

function Connections({ pool }: { pool: PoolView }) {
  const { connections } = pool.usable;
  if (connections === null) return <span className="zero">–</span>;
  return (
    <>
      <span className="font-medium">{formatNumber(pool.used.connections)}</span>
      <span className="text-text-3"> of {formatNumber(connections)}</span>
    </>
  );
}

function Projects({ pool }: { pool: PoolView }) {
  const [first, second, ...others] = pool.projects;
  if (first === undefined) return <span className="zero">none</span>;
  return (
    <>
      <span className="block truncate">{first.name}</span>
      {second !== undefined && (
        <small className="truncate">
          {others.length === 0 ? second.name : `and ${formatCount(others.length + 1, 'other')}`}
        </small>
      )}
    </>
  );
}
