import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { Glyph, type GlyphName } from './glyph.tsx';

export type BannerTone = 'amber' | 'red' | 'violet' | 'plain';

/** A lasting condition below the top bar: one bold sentence, one plain one, since when, one button. */
export function Banner({
  tone,
  glyph,
  title,
  children,
  since,
  action,
}: {
  tone: BannerTone;
  glyph: GlyphName;
  title: ReactNode;
  children?: ReactNode;
  since?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={cx('banner', tone)}>
      <Glyph name={glyph} />
      <p>
        <b>{title}</b> {children}
      </p>
      {since && <span className="when">{since}</span>}
      {action}
    </div>
  );
}

/** A remark inside a card or panel, of at most two sentences. */
export function Note({ tone, glyph, children }: { tone: BannerTone; glyph: GlyphName; children: ReactNode }) {
  return (
    <div className={cx('note', tone)}>
      <Glyph name={glyph} />
      <span>{children}</span>
    </div>
  );
}
