import type { TooltipContentProps } from 'recharts';
import { formatNumber } from './format-number.ts';

const tick = { fontSize: 11, fill: 'var(--color-text-3)' };

/** Lines behind the bars, along the numbers only. */
export const gridLook = { vertical: false, stroke: 'var(--color-line)' } as const;

/** The axis of time, words without tick marks. */
export const timeAxisLook = {
  dataKey: 'word',
  tick,
  tickLine: false,
  axisLine: { stroke: 'var(--color-line-strong)' },
} as const;

/** The axis of counts, whole numbers without a line. */
export const countAxisLook = {
  tick,
  tickLine: false,
  axisLine: false,
  tickFormatter: formatNumber,
  allowDecimals: false,
} as const;

/** A pointed bar's counts, those that are not nought. */
export function CountsTip({ active, payload, label }: TooltipContentProps) {
  if (!active || payload.length === 0) return null;
  return (
    <div className="tip">
      {label}
      {payload
        .filter((each) => each.value !== null && Number(each.value) > 0)
        .map((each) => (
          <div key={String(each.name)}>
            {String(each.name)} {formatNumber(Number(each.value))}
          </div>
        ))}
    </div>
  );
}

/** What follows the pointer. */
export const tipLook = {
  cursor: { fill: 'var(--color-hover)' },
  isAnimationActive: false,
  content: CountsTip,
} as const;

/** Bars of what is only expected: an outline. */
export const expectedLook = {
  stackId: 'mails',
  isAnimationActive: false,
  fill: 'none',
  stroke: 'var(--color-field-line)',
  strokeDasharray: '2 2',
} as const;
