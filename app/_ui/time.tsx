'use client';

import { useSyncExternalStore } from 'react';
import { formatExact, formatTime, type TimeStyle } from './format-time.ts';

const listeners = new Set<() => void>();
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** One ticking second shared by every time on the page; it stops while the tab is hidden. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (document.hidden) return;
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function readNow(): number {
  if (now === 0) now = Date.now();
  return now;
}

function readerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** The words alone, so that a time re-renders only when they change. */
function useTimeWords(iso: string, style: TimeStyle): string | undefined {
  return useSyncExternalStore(
    subscribe,
    () => formatTime(new Date(iso), new Date(readNow()), readerZone(), style),
    () => undefined,
  );
}

/**
 * A moment. The server writes it in UTC; the browser rewrites it in the reader's zone, with the exact time on hover.
 * `iso` is an ISO 8601 string in UTC.
 */
export function RelativeTime({
  iso,
  style = 'relative',
  className,
}: {
  iso: string;
  style?: TimeStyle | undefined;
  className?: string | undefined;
}) {
  const words = useTimeWords(iso, style);
  const exact = formatExact(new Date(iso), words === undefined ? 'UTC' : readerZone());
  return (
    <time dateTime={iso} title={exact} className={className}>
      {words ?? (style === 'date' ? iso.slice(0, 10) : `${iso.slice(0, 16).replace('T', ' ')} UTC`)}
    </time>
  );
}
