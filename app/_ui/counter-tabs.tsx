import Link from 'next/link';
import { formatNumber } from './format-number.ts';
import { Glyph, type GlyphName, type GlyphTone } from './glyph.tsx';

export type CounterTab = {
  label: string;
  href: string;
  current?: boolean | undefined;
  /** Left out when unknown. A zero is shown without weight. */
  count?: number | undefined;
  /** The count stops there and more exist: shown as "9,999+". */
  isCapped?: boolean | undefined;
  glyph?: { name: GlyphName; tone: GlyphTone } | undefined;
};

/** Counters on top of a list, each a link that sets the filter. */
export function CounterTabs({
  tabs,
  label = 'Filter by state',
}: {
  tabs: ReadonlyArray<CounterTab>;
  label?: string;
}) {
  return (
    <nav className="counts" aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          href={tab.href}
          scroll={false}
          {...(tab.current ? { 'aria-current': 'page' } : {})}
        >
          {tab.glyph && <Glyph name={tab.glyph.name} tone={tab.glyph.tone} />}
          {tab.label}
          {tab.count !== undefined &&
            (tab.count === 0 ? (
              <span className="text-text-3">0</span>
            ) : (
              <b>
                {formatNumber(tab.count)}
                {tab.isCapped && '+'}
              </b>
            ))}
        </Link>
      ))}
    </nav>
  );
}
