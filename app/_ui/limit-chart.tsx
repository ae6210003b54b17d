'use client';

import dynamic from 'next/dynamic';
import { useState } from 'react';
import { formatNumber } from './format-number.ts';

/** Mails of one day; `day` is "2026-11-20" in the organization's zone. */
export type ChartDay = {
  day: string;
  sent: number;
  held: number;
  /** Null: no limit on that day. */
  limit: number | null;
};

export type LimitChartProps = {
  /** Oldest first; the last is today. */
  days: ReadonlyArray<ChartDay>;
  /** What the chart is called when read out. */
  label: string;
  /** Mails expected by the end of today. */
  expected?: number | null | undefined;
  /** A limit that is being considered; drawn dashed. */
  proposed?: number | null | undefined;
};

const LimitBars = dynamic(() => import('./limit-bars.tsx').then((module) => module.LimitBars), {
  ssr: false,
  loading: () => <div className="h-72" aria-busy="true" />,
});

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** "2026-11-04" → "4 Nov". */
export function dayWord(day: string): string {
  return dayFormat.format(new Date(`${day}T00:00:00Z`));
}

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
