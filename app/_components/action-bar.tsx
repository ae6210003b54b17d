'use client';

import type { ReactNode } from 'react';
import { Button } from '../_ui/button.tsx';
import { formatNumber } from '../_ui/format-number.ts';

/** Floats above the list while rows are ticked; the first action is filled (`variant="lead"`). */
export function ActionBar({
  count,
  isCapped,
  onClear,
  children,
}: {
  count: number;
  /** There are more than `count`. */
  isCapped: boolean;
  onClear: () => void;
  children: ReactNode;
}) {
  return (
    <div className="actionbar" role="toolbar" aria-label="Selected rows">
      <b>
        {formatNumber(count)}
        {isCapped && '+'} selected
      </b>
      <span className="sep no-phone" />
      {children}
      <span className="sep no-phone" />
      <Button keys="Esc" onClick={onClear} className="no-phone">
        Clear
      </Button>
    </div>
  );
}
