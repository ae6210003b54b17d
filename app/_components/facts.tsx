import type { ReactNode } from 'react';

/** Conditions that hold for the whole list below, between the page's head and its bar. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <section className="facts" aria-label="What holds this list">
      {children}
    </section>
  );
}

/** One condition: a glyph, a bold sentence, a plain one, and one thing to do about it. */
export function Fact({
  glyph,
  title,
  children,
  action,
}: {
  glyph: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="fact">
      {glyph}
      <p>
        <b>{title}</b> <span className="text-text-2">{children}</span>
      </p>
      {action}
    </div>
  );
}
