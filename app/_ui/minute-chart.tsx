'use client';

import { useState } from 'react';
import { formatNumber } from './format-number.ts';
import { hourWord } from './hour-word.ts';

export interface Minute {
  /** ISO 8601 start in UTC. */
  readonly minute: string;
  readonly sent: number;
}

const height = 64;
const barWidth = 8;
const step = 10;

/** Mails of each minute as bars on one scale, with a table that says the same. */
export function MinuteChart({ minutes, label }: { minutes: readonly Minute[]; label: string }) {
  const [asTable, setAsTable] = useState(false);
  const most = Math.max(1, ...minutes.map(({ sent }) => sent));
  return (
    <figure className="pad" aria-label={label}>
      {asTable ? (
        <MinuteTable minutes={minutes} label={label} />
      ) : (
        <MinuteBars minutes={minutes} most={most} />
      )}
      <figcaption className="mt-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="legend">
          <span>60 minutes ago to now; the tallest bar is {formatNumber(most)} mails a minute</span>
        </span>
        <button type="button" className="link text-xs" onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show as a chart' : 'Show as a table'}
        </button>
      </figcaption>
    </figure>
  );
}

function MinuteBars({ minutes, most }: { minutes: readonly Minute[]; most: number }) {
  const width = minutes.length * step;
  return (
    <svg
      className="w-full"
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {minutes.map(({ minute, sent }, at) => {
        const tall = sent === 0 ? 1 : Math.max(2, Math.round((sent / most) * (height - 2)));
        return (
          <rect
            key={minute}
            className={sent === 0 ? 'b0' : 'b'}
            x={at * step}
            y={height - tall}
            width={barWidth}
            height={tall}
          />
        );
      })}
    </svg>
  );
}

function MinuteTable({ minutes, label }: { minutes: readonly Minute[]; label: string }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
    <section className="max-h-60 overflow-y-auto" aria-label={label} tabIndex={0}>
      <table className="eff">
        <thead>
          <tr>
            <th scope="col">Minute</th>
            <th scope="col">Sent</th>
          </tr>
        </thead>
        <tbody>
          {minutes.toReversed().map(({ minute, sent }) => (
            <tr key={minute}>
              <th scope="row">{hourWord(minute)}</th>
              <td className={sent === 0 ? 'zero' : undefined}>{formatNumber(sent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
