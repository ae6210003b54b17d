import type { CSSProperties } from 'react';
import { cx } from './cx.ts';
import { formatNumber } from './format-number.ts';

// The track ends here; what lies beyond is not drawn.
const trackEnd = 120;
const warnsFrom = 80;

/**
 * Use of a limit: solid is used, dashed is expected by the end of the day, hatched is past the limit, and the tick is
 * the limit. `used`, `limit` and `expected` are counts of the same unit.
 */
export function Meter({
  label,
  used,
  limit,
  expected,
  tall,
}: {
  /** What is measured, read out before the figures. */
  label: string;
  used: number;
  limit: number;
  expected?: number | null | undefined;
  /** 10 px instead of 6. */
  tall?: boolean | undefined;
}) {
  const share = Math.min((used / limit) * 100, trackEnd);
  const due = expected === null || expected === undefined ? 0 : Math.min((expected / limit) * 100, trackEnd);
  const style: CSSProperties & { '--v': number; '--p': number } = { '--v': share, '--p': due };
  const words = `${label}: ${formatNumber(used)} of ${formatNumber(limit)}${
    due > share ? `, ${formatNumber(expected ?? 0)} expected` : ''
  }`;
  return (
    <span
      className={cx('meter', tall && 'tall', share >= 100 ? 'full' : share >= warnsFrom && 'warn')}
      style={style}
    >
      <span className="sr-only">{words}</span>
      {due > share && <span className="due" />}
      <i />
      {share > 100 && <span className="over" />}
    </span>
  );
}
