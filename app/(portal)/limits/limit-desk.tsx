'use client';

import { type ReactNode, useState } from 'react';
import { SectionHead } from '#app/_components/page-head.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { LimitChart, LimitLegend } from '#app/_ui/limit-chart.tsx';
import type { ChartDay } from '#app/_ui/limit-days.ts';
import { changeWords, LimitChange, valueOf } from './limit-change.tsx';
import type { LimitRow } from './limit-rows.ts';
import { readTypedNumber } from './typed-number.ts';

export interface LimitDeskProps {
  readonly organization: string;
  /** "SMTP", or the project's name. */
  readonly label: string;
  readonly days: readonly ChartDay[];
  readonly expected: number | null;
  /** The limit that is being changed. */
  readonly edited: LimitRow | null;
  readonly closeHref: string;
  /** Stands beside the chart while nothing is being changed. */
  readonly children: ReactNode;
}

/** The last 30 days beside the limit that is being changed; the chart draws what is typed. */
export function LimitDesk({ label, days, expected, edited, children, ...desk }: LimitDeskProps) {
  const [text, setText] = useState(
    edited === null || edited.limit === null ? '' : formatNumber(edited.limit),
  );
  const typed = valueOf(readTypedNumber(text));
  const proposed = edited?.side === 'day' && typed !== edited.limit && typed !== 0 ? typed : null;
  return (
    <div className="split">
      <section aria-labelledby="last-days">
        <SectionHead
          id="last-days"
          title={`Last 30 days, ${label}`}
          note="mails a day"
          actions={<LimitLegend />}
        />
        <LimitChart days={days} expected={expected} proposed={proposed} label={chartWords(label, days)} />
      </section>
      <section aria-label={edited === null ? 'Day and policy' : changeWords(edited)}>
        {edited === null ? children : <LimitChange {...desk} row={edited} text={text} onText={setText} />}
      </section>
    </div>
  );
}

function chartWords(label: string, days: readonly ChartDay[]): string {
  const limit = days.at(-1)?.limit ?? null;
  const stopped = days.filter(({ held }) => held > 0).length;
  const limitPart = limit === null ? 'without a limit' : `with the limit of ${formatNumber(limit)}`;
  return `Mails a day of ${label} over 30 days ${limitPart}; the limit stopped mails on ${stopped} ${
    stopped === 1 ? 'day' : 'days'
  }`;
}
