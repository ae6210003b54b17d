'use client';

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { expectedLook, countAxisLook, gridLook, timeAxisLook, tipLook } from './chart-parts.tsx';
import { EdgedBar } from './edged-bar.tsx';
import type { FlowHour } from './flow-chart.tsx';
import { hourWord } from './hour-word.ts';

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
          <CartesianGrid {...gridLook} />
          <XAxis {...timeAxisLook} interval="preserveStartEnd" minTickGap={48} />
          <YAxis {...countAxisLook} width={44} />
          <Tooltip {...tipLook} />
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
          <Bar dataKey="expected" name="Expected" {...expectedLook} />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
