import type { ReactNode } from 'react';
import { cx } from './cx.ts';

export type TimelineItem = {
  key: string;
  glyph: ReactNode;
  title: ReactNode;
  /** Said after the title, quieter: "after 412 ms, worker b". */
  detail?: ReactNode;
  at: ReactNode;
  body?: ReactNode;
  /** Expected, not yet happened: drawn dashed. */
  ahead?: boolean | undefined;
};

/** What happened to a mail, newest first; what is expected stands on top, dashed. */
export function Timeline({ items }: { items: ReadonlyArray<TimelineItem> }) {
  return (
    <ol className="tl">
      {items.map((item) => (
        <li key={item.key} className={cx(item.ahead && 'next pre')}>
          {item.glyph}
          <div className="min-w-0">
            <span className={cx(!item.ahead && 'font-medium')}>{item.title}</span>
            {item.detail && <span className="text-text-3"> {item.detail}</span>}
            {item.body}
          </div>
          <span className="when">{item.at}</span>
        </li>
      ))}
    </ol>
  );
}
