'use client';

import { useRouter, useSearchParams, usePathname } from 'next/navigation';
import { useTransition, type ReactNode } from 'react';
import { Button } from '../_ui/button.tsx';
import { Keys } from '../_ui/kbd.tsx';
import { listParams } from './list-url.ts';

export type Pager = {
  /** "1–50 of 2,151", or what is known. */
  summary: ReactNode;
  /** Cursor of the last row, when more follow. */
  nextCursor?: string | undefined;
  /** Cursor of the first row, when others come before. */
  previousCursor?: string | undefined;
};

/** The foot of a list: what is shown, and the pages before and after by cursor, never by number. */
export function KeysetPager({ pager, withKeys }: { pager: Pager; withKeys: boolean }) {
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams();
  const [isPending, startTransition] = useTransition();
  function go(param: 'after' | 'before', cursor: string) {
    const next = new URLSearchParams(search);
    next.delete(listParams.after);
    next.delete(listParams.before);
    next.set(listParams[param], cursor);
    startTransition(() => router.push(`${pathname}?${next}`));
  }
  const { nextCursor, previousCursor } = pager;
  return (
    <div className="foot" aria-busy={isPending}>
      <span>{pager.summary}</span>
      <span className="flex-1" />
      {withKeys && (
        <span className="no-phone">
          <Keys keys="j k" /> move &nbsp; <Keys keys="x" /> select &nbsp; <Keys keys="Enter" /> open
        </span>
      )}
      {(nextCursor !== undefined || previousCursor !== undefined) && (
        <span className="row">
          <Button
            why={previousCursor === undefined && 'This is the first page.'}
            onClick={() => previousCursor !== undefined && go('before', previousCursor)}
          >
            Previous
          </Button>
          <Button
            why={nextCursor === undefined && 'This is the last page.'}
            onClick={() => nextCursor !== undefined && go('after', nextCursor)}
          >
            Next
          </Button>
        </span>
      )}
    </div>
  );
}
