'use client';

import { useSelectedLayoutSegment } from 'next/navigation';
import type { ReactNode } from 'react';

/** In a layout: leaves its content out on the one page below it that says the same. `page` is the segment's name. */
export function UnlessOn({ page, children }: { page: string | undefined; children: ReactNode }) {
  const open = useSelectedLayoutSegment();
  return page !== undefined && open === page ? null : children;
}
