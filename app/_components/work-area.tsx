import type { ReactNode } from 'react';
import { cx } from '../_ui/cx.ts';

/** The page below the top bar; with a `panel` (a `<SidePanel>`) the list makes room for it from 1280 px. */
export function WorkArea({ panel, children }: { panel?: ReactNode; children: ReactNode }) {
  return (
    <div className={cx('work', Boolean(panel) && 'with-panel')}>
      <main id="main" tabIndex={-1} className="min-w-0">
        {children}
      </main>
      {panel}
    </div>
  );
}
