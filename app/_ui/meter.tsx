import type { CSSProperties } from 'react';
import { cx } from './cx.ts';
import { formatNumber } from './format-number.ts';

type MeterVars = CSSProperties & { '--v': number; '--p'?: number };

/** Share of a limit: grey, amber from 80 %, violet from 100 %, hatched past it; the tick is the limit. Percent values. */
export function Meter({
  percent,
  expectedPercent,
  label,
  tall,
}: {
  percent: number;
  expectedPercent?: number | undefined;
  label: string;
  tall?: boolean | undefined;
}) {
  const shown = Math.min(percent, 120);
  const style: MeterVars = {
    '--v': shown,
    ...(expectedPercent === undefined ? {} : { '--p': Math.min(expectedPercent, 120) }),
  };
  return (
    <span
      className={cx('meter', percent >= 100 ? 'full' : percent >= 80 && 'warn', tall && 'tall')}
      style={style}
    >
      <span className="sr-only">
        {label} {formatNumber(percent)}%
      </span>
      {expectedPercent !== undefined && expectedPercent > percent && <span className="due" />}
      <i />
      {percent > 100 && <span className="over" />}
    </span>
  );
}

/** A meter with its figure at the end, as in a table cell. */
export function MeterWithFigure({ percent, label }: { percent: number; label: string }) {
  return (
    <span className="use">
      <Meter percent={percent} label={label} />
      <span aria-hidden="true">{formatNumber(percent)}%</span>
    </span>
  );
}
