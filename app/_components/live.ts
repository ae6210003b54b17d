'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';

export type LiveState = 'off' | 'connecting' | 'live' | 'lost' | 'database_away';

const refreshAtMostEveryMs = 1000;
const reconnectAfterMs = 5000;

/**
 * Listens to a server-sent event stream; any message makes the page fetch its data again, at most once a second and
 * only while the tab is visible. The browser reconnects by itself; `lost` lasts until it has. A `database` event says
 * "away" or "back": meanwhile the old page stays as it is.
 */
export function useLive(href: string | undefined): LiveState {
  const router = useRouter();
  const [state, setState] = useState<LiveState>(href === undefined ? 'off' : 'connecting');
  useEffect(() => {
    if (href === undefined) return undefined;
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    // The page is as new as its first render.
    let refreshedMs = performance.now();
    let missed = false;
    const refresh = () => {
      if (document.hidden) {
        missed = true;
        return;
      }
      const waitMs = Math.max(0, refreshedMs + refreshAtMostEveryMs - performance.now());
      timer ??= setTimeout(() => {
        timer = undefined;
        refreshedMs = performance.now();
        router.refresh();
      }, waitMs);
    };
    const onVisible = () => {
      if (document.hidden || !missed) return;
      missed = false;
      refresh();
    };
    const connect = () => {
      const opened = new EventSource(href);
      source = opened;
      opened.addEventListener('open', () => {
        setState('live');
        // What changed between the making of this page and now was told to nobody here.
        refresh();
      });
      opened.addEventListener('error', () => {
        setState('lost');
        // A stream that was refused (the portal starts, the database is away) is not opened again by the browser.
        if (opened.readyState === EventSource.CLOSED) again = setTimeout(connect, reconnectAfterMs);
      });
      opened.addEventListener('message', refresh);
      opened.addEventListener('database', (event: MessageEvent<unknown>) => {
        setState(event.data === 'away' ? 'database_away' : 'live');
        if (event.data !== 'away') refresh();
      });
    };
    connect();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      source?.close();
      clearTimeout(timer);
      clearTimeout(again);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [href, router]);
  return state;
}
