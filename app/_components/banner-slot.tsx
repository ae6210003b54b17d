import type { ReactNode } from 'react';

/** Holds a page's or project's banners below the top bar, sticky with it. Renders nothing without any. */
export function BannerSlot({ children }: { children?: ReactNode }) {
  return children ? (
    <section className="banner-slot" aria-label="Conditions">
      {children}
    </section>
  ) : null;
}
