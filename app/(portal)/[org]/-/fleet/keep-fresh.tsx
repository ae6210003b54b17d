'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

const everyMs = 4000;

/**
 * Fetches the figures again every few seconds while the page is looked at: each beat changes them, and no event of the
 * organization says so. What matters at once (a worker comes, falls silent, is lost) comes by the event stream.
 */
export function KeepFresh() {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) router.refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [router]);
  return null;
}
