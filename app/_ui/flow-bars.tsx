'use client';

import {
  Bar,
  BarChart,
  CartesianGrid,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type TooltipContentProps,
} from 'recharts';
import { EdgedBar } from './edged-bar.tsx';
import type { FlowHour } from './flow-chart.tsx';
import { hourWord } from './hour-word.ts';
import { formatNumber } from './format-number.ts';

const tick = { fontSize: 11, fill: 'var(--color-text-3)' };

function FlowTip({ active, payload, label }: TooltipContentProps) {
  if (!active || payload.length === 0) return null;
  return (
    <div className="tip">
      {label}
      {payload
        .filter((each) => Number(each.value) > 0)
        .map((each) => (
          <div key={String(each.name)}>
            {String(each.name)} {formatNumber(Number(each.value))}
          </div>
        ))}
    </div>
  );
}

/** The drawing behind FlowChart, at real size, so that its labels stay 11 px at every width. */
export function FlowBars({ hours }: { hours: ReadonlyArray<FlowHour> }) {
  const data = hours.map((hour) => ({
    ...hour,
    word: hourWord(hour.hour),
    expected: Math.max(0, (hour.expected ?? 0) - hour.sent - hour.held - hour.failed),
  }));
  return (
    <div className="chart h-46" aria-hidden="true">
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          data={data}
          margin={{ top: 8, right: 0, bottom: 0, left: 0 }}
          barCategoryGap="24%"
          accessibilityLayer={false}
        >
          <CartesianGrid vertical={false} stroke="var(--color-line)" />
          <XAxis
            dataKey="word"
            tick={tick}
            tickLine={false}
            axisLine={{ stroke: 'var(--color-line-strong)' }}
            interval="preserveStartEnd"
            minTickGap={48}
          />
          <YAxis
            tick={tick}
            tickLine={false}
            axisLine={false}
            width={44}
            tickFormatter={formatNumber}
            allowDecimals={false}
          />
          <Tooltip cursor={{ fill: 'var(--color-hover)' }} isAnimationActive={false} content={FlowTip} />
          <Bar dataKey="sent" name="Sent" stackId="mails" isAnimationActive={false} shape={EdgedBar} />
          <Bar
            dataKey="failed"
            name="Failed"
            stackId="mails"
            isAnimationActive={false}
            fill="var(--color-red-solid)"
          />
          <Bar
            dataKey="held"
            name="Held"
            stackId="mails"
            isAnimationActive={false}
            fill="var(--color-violet-solid)"
          />
          <Bar
            dataKey="expected"
            name="Expected"
            stackId="mails"
            isAnimationActive={false}
            fill="none"
            stroke="var(--color-field-line)"
            strokeDasharray="2 2"
          />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
