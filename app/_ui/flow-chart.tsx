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
      {asTable ? <FlowTable hours={hours} label={label} /> : <FlowBars hours={hours} />}
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

function FlowTable({ hours, label }: { hours: ReadonlyArray<FlowHour>; label: string }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls must be reachable by keys
    <section className="max-h-60 overflow-y-auto" tabIndex={0} aria-label={label}>
      <table className="eff">
        <thead>
          <tr>
            <th scope="col">Hour</th>
            <th scope="col">Sent</th>
            <th scope="col">Held</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {hours.toReversed().map(({ hour, sent, held, failed }) => (
            <tr key={hour}>
              <th scope="row">{hourWord(hour)}</th>
              <td className={sent === 0 ? 'zero' : undefined}>{formatNumber(sent)}</td>
              <td className={held > 0 ? 'text-violet-text' : 'zero'}>{formatNumber(held)}</td>
              <td className={failed > 0 ? 'text-red-text' : 'zero'}>{formatNumber(failed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
