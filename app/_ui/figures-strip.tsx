import Link from 'next/link';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';

export type Figure = {
  label: string;
  value: ReactNode;
  small?: ReactNode;
  tone?: 'amber' | 'red' | 'violet' | undefined;
  /** The filtered list that the figure counts. */
  href?: string | undefined;
};

const tones = { amber: 'text-amber-text', red: 'text-red-text', violet: 'text-violet-text' } as const;

/** A strip of figures, 64 px, edge to edge; each one leads to what it counts. */
export function FiguresStrip({ figures }: { figures: ReadonlyArray<Figure> }) {
  return (
    <div className="strip">
      {figures.map((figure) => {
        const inside = (
          <>
            <div className="k">{figure.label}</div>
            <div className={cx('v', figure.tone && tones[figure.tone])}>
              {figure.value}
              {figure.small && <small>{figure.small}</small>}
            </div>
          </>
        );
        return figure.href === undefined ? (
          <div key={figure.label}>{inside}</div>
        ) : (
          <Link key={figure.label} href={figure.href}>
            {inside}
          </Link>
        );
      })}
    </div>
  );
}
