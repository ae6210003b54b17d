'use client';

import dynamic from 'next/dynamic';
import { useState } from 'react';
import { formatNumber } from './format-number.ts';
import { hourWord } from './hour-word.ts';

/** Mails of one hour; `hour` is the ISO 8601 start in UTC. `expected` is a forecast, drawn dashed. */
export type FlowHour = {
  hour: string;
  sent: number;
  held: number;
  failed: number;
  expected?: number | undefined;
};

const FlowBars = dynamic(() => import('./flow-bars.tsx').then((module) => module.FlowBars), {
  ssr: false,
  loading: () => <div className="h-46" aria-busy="true" />,
});

/** Mails an hour as bars: sent grey, held violet, failed red. The drawing loads after the page; a table says the same. */
export function FlowChart({ hours, label }: { hours: ReadonlyArray<FlowHour>; label: string }) {
  const [asTable, setAsTable] = useState(false);
  const hasExpected = hours.some((hour) => hour.expected !== undefined);
  return (
    <figure className="pad" aria-label={label}>
      {asTable ? <FlowTable hours={hours} /> : <FlowBars hours={hours} />}
      <figcaption className="mt-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="legend">
          <span>
            <i className="tp bg-neutral-300" />
            Sent
          </span>
          <span>
            <i className="bg-violet-solid" />
            Held
          </span>
          <span>
            <i className="bg-red-solid" />
            Failed
          </span>
          {hasExpected && (
            <span>
              <i className="ln da border-field-line" />
              Expected
            </span>
          )}
        </span>
        <button type="button" className="link text-xs" onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show as a chart' : 'Show as a table'}
        </button>
      </figcaption>
    </figure>
  );
}

function FlowTable({ hours }: { hours: ReadonlyArray<FlowHour> }) {
  return (
    <div className="max-h-60 overflow-y-auto">
      <table className="sum">
        <thead>
          <tr className="text-left text-xs text-text-3">
            <th className="font-normal">Hour</th>
            <th className="text-right font-normal">Sent</th>
            <th className="text-right font-normal">Held</th>
            <th className="text-right font-normal">Failed</th>
          </tr>
        </thead>
        <tbody>
          {hours.map((hour) => (
            <tr key={hour.hour} className="text-right">
              <td className="text-left">{hourWord(hour.hour)}</td>
              <td>{formatNumber(hour.sent)}</td>
              <td>{formatNumber(hour.held)}</td>
              <td>{formatNumber(hour.failed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
