'use client';

import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { expectedLook, countAxisLook, gridLook, timeAxisLook, tipLook } from './chart-parts.tsx';
import { EdgedBar } from './edged-bar.tsx';
import { formatNumber } from './format-number.ts';
import { type ChartDay, dayWord, type LimitChartProps } from './limit-days.ts';

type Bars = ChartDay & { word: string; expectedRest: number };

function barsOf({ days, expected }: LimitChartProps): Bars[] {
  const last = days.length - 1;
  return days.map((day, at) => ({
    ...day,
    word: at === last ? 'today' : dayWord(day.day),
    expectedRest: at === last ? Math.max(0, (expected ?? 0) - day.sent - day.held) : 0,
  }));
}

/** Where the limit in force began, for the words beside its line; null where it has always been or is none. */
function lastChange(days: ReadonlyArray<ChartDay>): { at: number; words: string } | null {
  const limit = days.at(-1)?.limit ?? null;
  if (limit === null) return null;
  const before = days.findLastIndex((day) => day.limit !== limit);
  const start = days[before + 1];
  const since = before === -1 || start === undefined ? '' : ` since ${dayWord(start.day)}`;
  return { at: before + 1, words: `limit ${formatNumber(limit)}${since}` };
}

// Near the right edge the words are written to the left of where they belong.
const leftOfLastDays = 8;

/** The words at the day since which the limit in force holds. */
function ChangeLabel({
  change,
  days,
  index,
  x,
  y,
}: {
  change: { at: number; words: string } | null;
  days: number;
  /** These three are recharts'. */
  index?: number | undefined;
  x?: number | string | undefined;
  y?: number | string | undefined;
}) {
  if (change === null || index !== change.at) return null;
  return (
    <text x={Number(x)} y={Number(y) - 6} textAnchor={index > days - leftOfLastDays ? 'end' : 'start'}>
      {change.words}
    </text>
  );
}

/** A day each week, and today. */
function weekTicks(bars: ReadonlyArray<Bars>): string[] {
  const last = bars.length - 1;
  // Too near to "today" the two words would touch.
  const shown = bars.filter((_, at) => at === last || (at % 7 === 0 && last - at > 2));
  return shown.map(({ word }) => word);
}

const fewSteps = 4;

/** Round numbers from 0 up to the first one above `highest`, at most four steps: 0, 10,000, 20,000, 30,000. */
function roundSteps(highest: number): number[] {
  const power = 10 ** Math.floor(Math.log10(highest / fewSteps));
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((factor) => factor * power).find((each) => each * fewSteps >= highest) ?? highest,
  );
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, at) => at * step);
}

/** The drawing behind LimitChart, at real size, so that its labels stay 11 px at every width. */
export function LimitBars(props: LimitChartProps) {
  const { days, proposed } = props;
  const bars = barsOf(props);
  const change = lastChange(days);
  const steps = roundSteps(
    Math.max(
      1,
      proposed ?? 0,
      ...bars.map((bar) => Math.max(bar.limit ?? 0, bar.sent + bar.held + bar.expectedRest)),
    ),
  );
  return (
    <div className="chart h-72" aria-hidden="true">
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart
          data={bars}
          margin={{ top: 20, right: 8, bottom: 0, left: 0 }}
          barCategoryGap="24%"
          accessibilityLayer={false}
        >
          <CartesianGrid {...gridLook} />
          <XAxis {...timeAxisLook} interval={0} ticks={weekTicks(bars)} />
          <YAxis {...countAxisLook} width={48} domain={[0, steps.at(-1) ?? 1]} ticks={steps} />
          <Tooltip {...tipLook} />
          <Bar dataKey="sent" name="Sent" stackId="mails" isAnimationActive={false} shape={EdgedBar} />
          <Bar
            dataKey="held"
            name="Held"
            stackId="mails"
            isAnimationActive={false}
            fill="var(--color-violet-solid)"
          />
          <Bar dataKey="expectedRest" name="Expected more" {...expectedLook} />
          <Line
            dataKey="limit"
            name="Limit"
            type="step"
            className="cap"
            stroke="var(--color-text-2)"
            strokeWidth={1.25}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
            label={<ChangeLabel change={change} days={bars.length} />}
          />
          {proposed !== null && proposed !== undefined && (
            <ReferenceLine
              y={proposed}
              stroke="var(--color-accent-text)"
              strokeWidth={1.25}
              strokeDasharray="4 3"
              label={{
                value: `proposed ${formatNumber(proposed)}`,
                position: 'insideTopLeft',
                dy: -18,
                fill: 'var(--color-accent-text)',
                style: { fill: 'var(--color-accent-text)' },
              }}
            />
          )}
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}
