'use client';

import dynamic from 'next/dynamic';
import { useState } from 'react';
import { formatNumber } from './format-number.ts';
import { type ChartDay, dayWord, type LimitChartProps } from './limit-days.ts';

const LimitBars = dynamic(() => import('./limit-bars.tsx').then((module) => module.LimitBars), {
  ssr: false,
  loading: () => <div className="h-72" aria-busy="true" />,
});

/** 30 days of mail with the limit of each day. The drawing loads after the page; a table says the same. */
export function LimitChart(props: LimitChartProps) {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className="pad" aria-label={props.label}>
      {asTable ? <DaysTable days={props.days} /> : <LimitBars {...props} />}
      <button type="button" className="link mt-1 text-xs" onClick={() => setAsTable(!asTable)}>
        {asTable ? 'Show as a chart' : 'Show as a table'}
      </button>
    </figure>
  );
}

/** What the marks of the chart mean. */
export function LimitLegend() {
  return (
    <span className="legend no-phone">
      <span>
        <i className="tp bg-neutral-300" />
        Sent
      </span>
      <span>
        <i className="bg-violet-solid" />
        Held past the limit
      </span>
      <span>
        <i className="ln da border-field-line" />
        Expected
      </span>
    </span>
  );
}

function DaysTable({ days }: { days: ReadonlyArray<ChartDay> }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls must be reachable by keys
    <section className="max-h-72 overflow-y-auto" tabIndex={0} aria-label="Days">
      <table className="eff">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Sent</th>
            <th scope="col">Held</th>
            <th scope="col">Limit</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ day, sent, held, limit }) => (
            <tr key={day}>
              <th scope="row">{dayWord(day)}</th>
              <td>{formatNumber(sent)}</td>
              <td className={held > 0 ? 'text-violet-text' : 'zero'}>{formatNumber(held)}</td>
              <td>{limit === null ? 'none' : formatNumber(limit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
